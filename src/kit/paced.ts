import type { Clock } from './clock.ts';

/** What costs whoever owns ledger and queue something to read: read once for everybody who asks, and not all the time. */
export interface Paced<T> {
  /** What was read last, a failure as well, for as long as that is kept; else it is read now. */
  get(): Promise<T>;
  /** Something was changed: what `get` answers from now on was read afterwards. */
  outdate(): void;
  /** Milliseconds until it may be read again. */
  restMs(): number;
}

/** When a reading began and ended (ms since 1970), and whether it failed. */
export interface Read {
  readonly from: number;
  readonly at: number;
  readonly failed: boolean;
}

interface Pacing<T> {
  readonly read: () => Promise<T>;
  readonly clock: Clock;
  /** Until when what was read is kept (ms since 1970). */
  readonly keptUntil: (read: Read) => number;
}

interface Reading<T> {
  readonly outcome: PromiseSettledResult<T>;
  /** How many changes it has seen. */
  readonly changes: number;
  readonly until: number;
}

export function createPaced<T>({ read, clock, keptUntil }: Pacing<T>): Paced<T> {
  let last: Reading<T> | null = null;
  let underWay: Promise<Reading<T>> | null = null;
  let changes = 0;

  async function readNow(): Promise<Reading<T>> {
    const [from, seen] = [clock.now(), changes];
    const [outcome] = await Promise.allSettled([read()]);
    const at = clock.now();
    last = { outcome, changes: seen, until: keptUntil({ from, at, failed: outcome.status === 'rejected' }) };
    return last;
  }

  function readOnce(): Promise<Reading<T>> {
    underWay ??= readNow().finally(() => (underWay = null));
    return underWay;
  }

  return {
    async get() {
      const asked = changes;
      let reading = last !== null && clock.now() < last.until ? last : await readOnce();
      // One that was under way may have begun before the change.
      while (reading.changes < asked) reading = await readOnce();
      if (reading.outcome.status === 'rejected') throw reading.outcome.reason;
      return reading.outcome.value;
    },
    outdate: () => void (changes += 1),
    restMs: () => Math.max(0, (last?.until ?? 0) - clock.now()),
  };
}
