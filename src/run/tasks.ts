import type { Ledger } from '../engine/ledger-port.ts';
import { workOf } from '../engine/setbacks.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';
import type { Assembly } from './assemble.ts';
import type { AuditReport } from './audit-report.ts';
import { prove } from './auditing.ts';
import { Hindered } from './hindered.ts';
import { revertHere } from './reverting.ts';
import { runRoles, type Role } from './roles.ts';
import type { Progress, Service, SweepReport, SyncReport } from './service.ts';

export interface ServiceParts {
  readonly assembly: Assembly;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly httpRequests: () => number;
  /** Contacts created, changed and removed so far. */
  readonly writes: () => number;
  readonly roles: readonly Role[];
  /** What comes before everything that `run` starts. */
  readonly prepare: () => Promise<void>;
  /** Has a command do the keeper's work. Throws `HeldByAnother` where another process does it. */
  readonly asKeeper: <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
}

const PROGRESS_MS = 1_000;
const IDLE_CHECK_MS = 25;
/** A write that waits longer than this for its mailbox is left to the next run, and said so. */
const PATIENCE_MS = 3 * 60_000;

export function createService(parts: ServiceParts): Service {
  const { log, asKeeper } = parts;
  return {
    run: async (signal) => {
      await parts.prepare();
      const progress = reportProgress(parts, signal);
      await runRoles(parts.roles, log, signal);
      await progress;
      log.tell('stopped');
    },
    sweep: (signal) => asKeeper(signal, (term) => sweepOnce(parts, term)),
    syncOnce: (signal) => asKeeper(signal, (term) => syncOnce(parts, term)),
    audit: (signal, { full }) => asKeeper(signal, (term) => auditOnce(parts, { signal: term, full })),
    revert: (job, signal) => asKeeper(signal, (term) => revertHere(parts, job, term)),
    close: () => parts.close(),
  };
}

async function sweepOnce(parts: ServiceParts, signal: AbortSignal): Promise<SweepReport> {
  const { clock, ledger } = parts;
  const startedAt = clock.now();
  const requestsBefore = parts.httpRequests();
  await parts.assembly.keeper.prepare();
  const foundBefore = await ledger.counters.read('found by sweep');
  let changed = 0;
  await workWhile(parts, signal, async () => {
    changed = await parts.assembly.keeper.sweep();
  });
  return {
    changed,
    found: (await ledger.counters.read('found by sweep')) - foundBefore,
    httpRequests: parts.httpRequests() - requestsBefore,
    seconds: (clock.now() - startedAt) / 1000,
  };
}

async function auditOnce(
  parts: ServiceParts,
  { signal, full }: { signal: AbortSignal; full: boolean },
): Promise<AuditReport> {
  const { clock, ledger, assembly } = parts;
  const { keeper, needs } = assembly;
  const requestsBefore = parts.httpRequests();
  await keeper.prepare();
  const jobs = new Map(needs.routes.map(({ job, ownContact }) => [job, { ownContact }]));
  const proof = await prove(
    { ledger, now: () => clock.now(), jobs, full, failing: () => needs.failing.size },
    {
      begin: () => workWhile(parts, signal, () => keeper.begin()),
      verify: (places, mode) => workWhile(parts, signal, () => keeper.auditor.verify(places, mode)),
    },
  );
  return { ...proof, httpRequests: parts.httpRequests() - requestsBefore };
}

async function syncOnce(parts: ServiceParts, signal: AbortSignal): Promise<SyncReport> {
  const { assembly, clock, ledger } = parts;
  const { needs } = assembly;
  const startedAt = clock.now();
  const requestsBefore = parts.httpRequests();
  const writesBefore = parts.writes();
  await assembly.keeper.prepare();
  await workWhile(parts, signal, () => assembly.keeper.begin());
  const counts = await countContacts(parts);
  const changes = await needs.changes.depth();
  const writes = await needs.writes.depth();
  const setbacks = await ledger.setbacks.count();
  return {
    mailboxes: counts.mailboxes,
    contacts: counts.done,
    writes: parts.writes() - writesBefore,
    httpRequests: parts.httpRequests() - requestsBefore,
    seconds: (clock.now() - startedAt) / 1000,
    waiting: changes.delayed + writes.delayed + writes.due,
    failing: needs.failing.size,
    held: (await ledger.guard.held()).length,
    dead: changes.dead + writes.dead + workOf(setbacks),
    blocked: (setbacks.get('folder') ?? 0) + (setbacks.get('contact') ?? 0),
    stopped: needs.routes.filter(({ id }) => needs.halts.of(id) !== null).map(({ job }) => job),
  };
}

/** Workers on, the given task done, and everything that follows from it; then workers off. */
async function workWhile(parts: ServiceParts, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  const enough = new AbortController();
  const stop = AbortSignal.any([signal, enough.signal]);
  const working = Promise.all([parts.assembly.work(stop), reportProgress(parts, stop)]);
  try {
    const hindered = await taskHindered(task);
    await untilQuiet(parts, signal);
    if (hindered) throw hindered;
    // A ledger that turned out to be older than queue or folders asks for a round over everybody.
    if (await parts.assembly.keeper.rounds()) await untilQuiet(parts, signal);
  } finally {
    enough.abort();
    await working;
  }
}

/** What stood in the way in some tenants, while there are others whose work goes on. Throws when it stood in every one. */
async function taskHindered(task: () => Promise<void>): Promise<Hindered | null> {
  try {
    await task();
    return null;
  } catch (error) {
    if (!(error instanceof Hindered)) throw error;
    if (error.others > 0) return error;
    throw error.causes.size === 1 ? error.cause : error;
  }
}

/**
 * Second looks may wait for the next run. Contacts that are not right yet may not, unless their mailbox asks for longer;
 * nor may what could not be read, unless it cannot be read for long.
 */
async function untilQuiet({ assembly, clock }: ServiceParts, signal: AbortSignal): Promise<void> {
  const { needs } = assembly;
  let quietSince = clock.now();
  let before = 0;
  while (!signal.aborted) {
    const [changes, writes] = await Promise.all([needs.changes.depth(), needs.writes.depth()]);
    const failing = needs.failing.size;
    const atWork = changes.due + changes.held + writes.due + writes.held;
    if (atWork === 0 && writes.delayed === 0 && failing === 0) return;
    // What failed before and is tried once more is no progress.
    if (atWork > failing || failing < before) quietSince = clock.now();
    before = failing;
    if (clock.now() - quietSince > PATIENCE_MS) return;
    await slept(clock, IDLE_CHECK_MS, signal);
  }
}

async function countContacts({
  ledger,
  assembly,
}: ServiceParts): Promise<{ done: number; total: number; mailboxes: number }> {
  let done = 0;
  let total = 0;
  let mailboxes = 0;
  for (const route of assembly.needs.routes) {
    const { right, behind } = await ledger.links.count(route.key, route.ownContact);
    done += right;
    mailboxes += await ledger.places.count(route.key);
    total += right + behind;
  }
  return { done, total, mailboxes };
}

async function reportProgress(parts: ServiceParts, signal: AbortSignal): Promise<void> {
  const { onProgress } = parts;
  if (!onProgress) return;
  // Counting a million links takes a while: at most a twentieth of the time goes into it.
  for (let pause = PROGRESS_MS; await slept(parts.clock, pause, signal);) {
    const startedAt = parts.clock.now();
    const { done, total } = await countContacts(parts);
    pause = Math.max(PROGRESS_MS, 20 * (parts.clock.now() - startedAt));
    onProgress({ phase: total === 0 ? 'directory' : 'contacts', done, total });
  }
}
