import { systemClock } from '../../src/kit/clock.ts';
import type { Gate } from '../process/installation.ts';
import type { Violation } from '../tenant/oracles.ts';

/** The simulated tenant tells a fifth call to a mailbox to come back after so long; a dead process takes that with it. */
const TOLD_MS = 1_000;

interface Afterlife {
  readonly from: number;
  to: number;
}

/**
 * Knows when calls of a process may still run whose successor cannot know of them: after it was killed, or after a
 * session was taken from it. While they do, two oracles do not blame the successor: four calls per mailbox, and the
 * Retry-After that only the one before was told. Everything else holds at every moment.
 */
export class Afterlives {
  readonly #all: Afterlife[] = [];
  readonly #running = new Set<Promise<unknown>>();

  readonly gate: Gate = (request, answer) => {
    const work = answer(request);
    this.#running.add(work);
    void Promise.allSettled([work]).then(() => this.#running.delete(work));
    return work;
  };

  /** Some process has a call on the way. */
  get areCallsRunning(): boolean {
    return this.#running.size > 0;
  }

  /** From now until every call that runs now has been carried out. */
  begin(): void {
    const afterlife: Afterlife = { from: systemClock.now(), to: Infinity };
    this.#all.push(afterlife);
    void Promise.allSettled(this.#running).then(() => (afterlife.to = systemClock.now()));
  }

  excuses({ kind, at }: Violation): boolean {
    const within = (slackMs: number): boolean =>
      this.#all.some(({ from, to }) => at >= from && at <= to + slackMs);
    if (kind === 'mailbox-concurrency') return within(0);
    return kind === 'before-retry-after' && within(TOLD_MS);
  }
}
