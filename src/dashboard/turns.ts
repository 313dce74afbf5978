/** Work of which a few pieces are done at once, and a few wait. */
export interface Turns {
  /** Null: so many wait already that this one is not begun. */
  take<T>(work: () => Promise<T>): Promise<T> | null;
}

export function createTurns({
  atOnce,
  waiting,
}: {
  readonly atOnce: number;
  readonly waiting: number;
}): Turns {
  const queue: (() => void)[] = [];
  let busy = 0;

  async function carriedOut<T>(work: () => Promise<T>): Promise<T> {
    if (busy >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next one as it is, so that nobody comes in between.
      const next = queue.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  }

  return { take: (work) => (busy >= atOnce && queue.length >= waiting ? null : carriedOut(work)) };
}
