import { toldOf } from './told.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Work that is done again and again until the signal aborts. */
export interface Loop {
  readonly name: string;
  /** Milliseconds until the next run, asked for after each one. */
  readonly next: () => number;
  readonly run: () => Promise<void>;
}

/** After a failure the next run comes this much sooner or later than planned, whichever is nearer. */
const RETRY_MS = 30_000;

/** Runs the loop: first `next`, then `run`. A failure is logged and never ends it. Resolves when the signal aborts. */
export async function repeat(
  { clock, log }: { clock: Clock; log: Log },
  loop: Loop,
  signal: AbortSignal,
): Promise<void> {
  let wait = loop.next();
  while (!signal.aborted) {
    if (!(await slept(clock, wait, signal))) return;
    try {
      await loop.run();
      wait = loop.next();
    } catch (error) {
      log.tell('task-failed', { task: loop.name, error: toldOf(error) });
      wait = Math.min(RETRY_MS, loop.next());
    }
  }
}

/** Sleeps; false when the signal aborted first. */
export async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await clock.sleep(ms, signal);
  } catch {
    // An abort is no failure: it is how loops end.
  }
  return !signal.aborted;
}

/** Until one of the tasks is over, the time has passed (milliseconds), or the signal aborts. */
export async function firstOf(
  clock: Clock,
  tasks: Iterable<Promise<unknown>>,
  { ms, signal }: { readonly ms: number; readonly signal?: AbortSignal },
): Promise<void> {
  const over = new AbortController();
  const pause = slept(clock, ms, signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  await Promise.race([...tasks, pause]);
  over.abort();
}
