import type { Clock } from '../kit/clock.ts';

/** Remembers when something may be due, and wakes those who wait for it: no polling in between. */
export interface Bell {
  /** Something may be due at `at` (milliseconds since 1970). */
  ring(at: number): void;
  /** Forgets what was rung, because it is about to be looked at; returns it for the case that looking fails. */
  silence(): number;
  /** Resolves when something may be due; rejects with the signal's reason when aborted first. */
  heard(signal: AbortSignal): Promise<void>;
}

/** It starts ringing: what lies in the file at the start is unknown. */
export function createBell(clock: Clock): Bell {
  let nextAt = Number.NEGATIVE_INFINITY;
  const sleepers = new Set<() => void>();

  async function sleep(until: number, signal: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const wake = (): void => woken.resolve();
    const nap = new AbortController();
    sleepers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (until !== Number.POSITIVE_INFINITY) {
      clock.sleep(until - clock.now(), nap.signal).then(wake, () => {});
    }
    await woken.promise;
    sleepers.delete(wake);
    signal.removeEventListener('abort', wake);
    nap.abort();
  }

  return {
    ring(at) {
      if (at >= nextAt) return;
      nextAt = at;
      for (const wake of sleepers) wake();
    },
    silence() {
      const silenced = nextAt;
      nextAt = Number.POSITIVE_INFINITY;
      return silenced;
    },
    async heard(signal) {
      for (;;) {
        signal.throwIfAborted();
        if (nextAt <= clock.now()) return;
        await sleep(nextAt, signal);
      }
    },
  };
}
