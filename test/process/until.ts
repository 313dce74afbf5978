import { systemClock } from '../../src/kit/clock.ts';

const LOOK_MS = 20;

export interface Patience {
  /** Given up after so long, in milliseconds. */
  readonly withinMs?: number;
  /** What to say then. */
  readonly else?: () => string;
}

/**
 * Looks again and again until the state is there; returns how long that took, in milliseconds. Looking must not slow
 * down what it looks at, so a look that is dear is taken less often.
 */
export async function until(
  reached: () => boolean | Promise<boolean>,
  { withinMs = 60_000, else: complaint = () => '' }: Patience = {},
): Promise<number> {
  const from = systemClock.now();
  for (;;) {
    const lookedAt = systemClock.now();
    if (await reached()) return systemClock.now() - from;
    if (lookedAt - from > withinMs)
      throw new Error(`The awaited state was not reached within ${withinMs} ms. ${complaint()}`);
    await systemClock.sleep(Math.max(LOOK_MS, 2 * (systemClock.now() - lookedAt)));
  }
}
