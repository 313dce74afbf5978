/** One of the figures that the product promises to reach. */
export interface Figure {
  readonly name: string;
  /** What `measured`, `target` and `floor` count. */
  readonly unit: string;
  /** Null where this machine cannot measure it; the note says why. */
  readonly measured: number | null;
  readonly target: number;
  /** No design could do better. */
  readonly floor: number;
  readonly best: 'low' | 'high';
  readonly reached: boolean;
  /** What the figure was measured with, and what else was seen on the way. */
  readonly with: Readonly<Record<string, number | string>>;
  readonly note?: string;
}

/** Judges a measurement against its target. */
export function figure(
  measurement: Omit<Figure, 'reached' | 'best'> & { readonly best?: Figure['best'] },
): Figure {
  const { measured, target, best = 'low' } = measurement;
  const reached = measured !== null && (best === 'low' ? measured <= target : measured >= target);
  return { ...measurement, best, reached };
}

/** Microsoft Graph takes at most so many in one `$batch`. */
export const SUB_REQUESTS_A_BATCH = 20;

export function batchesFor(subRequests: number): number {
  return Math.ceil(subRequests / SUB_REQUESTS_A_BATCH);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
