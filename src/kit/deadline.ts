import type { Clock } from './clock.ts';

/** Why an attempt was given up. */
class DeadlineError extends Error {
  readonly code = 'DEADLINE';
  constructor() {
    super('no answer within the deadline');
    this.name = 'DeadlineError';
  }
}

const ANSWERED = new Error('answered in time');

/** Runs one attempt; after `ms` milliseconds its signal aborts and a `DeadlineError` is thrown, whether the attempt listens or not. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const request = new AbortController();
  const timer = new AbortController();
  const deadline = clock.sleep(ms, timer.signal).then(() => {
    const error = new DeadlineError();
    request.abort(error);
    throw error;
  });
  try {
    return await Promise.race([Promise.try(attempt, request.signal), deadline]);
  } finally {
    timer.abort(ANSWERED);
  }
}
