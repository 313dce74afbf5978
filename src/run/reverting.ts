import { searchMailboxes } from '../engine/recall.ts';
import { beginReverts, orderRevert, revertState } from '../engine/revert.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import type { Clock } from '../kit/clock.ts';
import { slept } from '../kit/loop.ts';
import { toldOf } from '../kit/told.ts';
import { createSearch } from './revert-search.ts';
import type { ServiceParts } from './tasks.ts';
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
    const search = searchHere(parts, job);
    const watching = { clock, signal, search, ...(onProgress ? { onProgress } : {}) };
    const followed = await followRevert(ledger, job, watching);
    return { ...followed, httpRequests: parts.httpRequests() - before };
  } finally {
    // What was handed over for sending and is stopped by now does not leave any more.
    await needs.halts.refresh();
    enough.abort();
    await working;
  }
}

/** Nothing else is looked at in this process but what the search asked for, so whatever is put off counts as well. */
function searchHere({ assembly: { needs }, ledger, log }: ServiceParts, job: string): () => Promise<number> {
  return createSearch({
    ledger,
    job,
    tenants: [...needs.targets.keys()],
    search: (tenant) =>
      searchMailboxes(needs, tenant).catch((error: unknown) => {
        log.tell('revert-search-failed', { tenant, error: toldOf(error) });
      }),
    waiting: async () => {
      const { due, held, delayed } = await needs.changes.depth();
      return due + held + delayed;
    },
  });
}

/**
 * Watches a revert that is under way, here or in another process. An abort pauses the job, so that it stops within about
 * one batch wherever it runs.
 */
export async function followRevert(
  ledger: Pick<Ledger, 'halts' | 'routes' | 'places' | 'counters'>,
  job: string,
  { clock, signal, onProgress, search }: Watching & { readonly search: () => Promise<number> },
): Promise<RevertReport> {
  const startedAt = clock.now();
  let movedAt = startedAt;
  for (let [left, unsearched] = [Infinity, Infinity]; ;) {
    // First: a mailbox that is found in between is among those that are left.
    const toSearch = await search();
    const state = await revertState(ledger, job);
    onProgress?.({ phase: 'revert', done: state.free, total: state.free + state.left });
    const isOver = state.left === 0 && toSearch === 0;
    if (signal.aborted && !isOver) await pauseJob(ledger, job, clock.now());
    const isStopped = !isOver && (await isPaused(ledger, job));
    if (state.left !== left || toSearch !== unsearched) movedAt = clock.now();
    [left, unsearched] = [state.left, toSearch];
    if (isOver || isStopped || clock.now() - movedAt > PATIENCE_MS) {
      const { free, kept } = state;
      const seconds = (clock.now() - startedAt) / 1_000;
      const searching = toSearch > 0;
      return { job, mailboxes: free, kept, left, searching, stopped: isStopped, httpRequests: null, seconds };
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
