import { beginReverts, orderRevert, revertState } from '../engine/revert.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import type { Clock } from '../kit/clock.ts';
import { slept } from '../kit/loop.ts';
import type { ServiceParts } from './roles.ts';
import type { Progress, RevertReport } from './service.ts';

const LOOK_MS = 250;
/** When no mailbox became free for so long, the rest is parked or asked to wait: it is left to a later run, and said so. */
const PATIENCE_MS = 3 * 60_000;

export interface Watching {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Orders a revert and carries it out in this process, until nothing is left, somebody stops it, or it gets no further. */
export async function revertHere(
  parts: ServiceParts,
  job: string,
  signal: AbortSignal,
): Promise<RevertReport> {
  const { assembly, ledger, clock, onProgress } = parts;
  const { needs, keeper } = assembly;
  const startedAt = clock.now();
  const before = parts.httpRequests();
  await keeper.prepare();
  await orderRevert(ledger, job, startedAt);
  await needs.halts.refresh();
  await beginReverts(needs);
  await sendOutstanding(needs);
  const enough = new AbortController();
  const working = assembly.work(enough.signal);
  try {
    const watching = { clock, signal, ...(onProgress ? { onProgress } : {}) };
    const followed = await followRevert(ledger, job, watching);
    return { ...followed, httpRequests: parts.httpRequests() - before };
  } finally {
    // What was handed over for sending and is stopped by now does not leave any more.
    await needs.halts.refresh();
    enough.abort();
    await working;
  }
}

/**
 * Watches a revert that is under way, here or in another process. An abort pauses the job, so that it stops within about
 * one batch wherever it runs.
 */
export async function followRevert(
  ledger: Pick<Ledger, 'halts' | 'routes' | 'places' | 'counters'>,
  job: string,
  { clock, signal, onProgress }: Watching,
): Promise<RevertReport> {
  const startedAt = clock.now();
  let movedAt = startedAt;
  for (let left = Infinity; ;) {
    const state = await revertState(ledger, job);
    onProgress?.({ phase: 'revert', done: state.free, total: state.free + state.left });
    if (signal.aborted && state.left > 0) await pauseJob(ledger, job, clock.now());
    const isStopped = state.left > 0 && (await isPaused(ledger, job));
    if (state.left !== left) movedAt = clock.now();
    left = state.left;
    if (left === 0 || isStopped || clock.now() - movedAt > PATIENCE_MS) {
      const { free, kept } = state;
      const seconds = (clock.now() - startedAt) / 1_000;
      return { job, mailboxes: free, kept, left, stopped: isStopped, httpRequests: null, seconds };
    }
    await slept(clock, LOOK_MS, signal);
  }
}

async function pauseJob(ledger: Pick<Ledger, 'halts'>, job: string, since: number): Promise<void> {
  await ledger.halts.set({ scope: { kind: 'job', name: job }, mode: 'paused', since });
}

async function isPaused(ledger: Pick<Ledger, 'halts' | 'routes'>, job: string): Promise<boolean> {
  const halts = await ledger.halts.ofRoutes();
  return (await ledger.routes.all()).some((route) => route.job === job && halts.get(route.id) === 'paused');
}
