import type { AuditRecord } from '../engine/audit-book.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';
import type { Assembly } from './assemble.ts';
import { auditOf, hasDrift, type AuditReport } from './audit-report.ts';
import { Hindered } from './hindered.ts';
import { revertHere } from './reverting.ts';
import type { Progress, Service, SweepReport, SyncReport } from './service.ts';

/** Something that runs beside keeper and workers: start order is the order of the list, stop order its reverse. */
export interface Role {
  readonly name: string;
  /** Resolves when it is up; returns how to stop it. */
  readonly start: () => Promise<() => Promise<void>>;
}

export interface ServiceParts {
  readonly assembly: Assembly;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly httpRequests: () => number;
  /** Contacts created, changed and removed so far. */
  readonly writes: () => number;
  readonly roles: readonly Role[];
  readonly close: () => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
}

const PROGRESS_MS = 1_000;
const IDLE_CHECK_MS = 25;
/** A write that waits longer than this for its mailbox is left to the next run, and said so. */
const PATIENCE_MS = 3 * 60_000;

export function createService(parts: ServiceParts): Service {
  const { assembly, log } = parts;
  const { keeper } = assembly;

  return {
    run: async (signal) => {
      const stops: (() => Promise<void>)[] = [];
      await keeper.prepare();
      const progress = reportProgress(parts, signal);
      try {
        for (const role of parts.roles) {
          stops.push(await role.start());
          log.info('role started', { role: role.name });
        }
        await Promise.all([keeper.run(signal), assembly.work(signal)]);
      } finally {
        for (const stop of stops.toReversed()) await stop();
        await progress;
      }
      log.info('stopped: nothing is left half done');
    },
    sweep: (signal) => sweepOnce(parts, signal),
    syncOnce: (signal) => syncOnce(parts, signal),
    audit: (signal, { full }) => auditOnce(parts, { signal, full }),
    revert: (job, signal) => revertHere(parts, job, signal),
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

/** What drifted is healed on the way; a second look at those mailboxes says whether it held. */
async function auditOnce(
  parts: ServiceParts,
  { signal, full }: { signal: AbortSignal; full: boolean },
): Promise<AuditReport> {
  const { clock, ledger, assembly } = parts;
  const { keeper, needs } = assembly;
  const startedAt = clock.now();
  const requestsBefore = parts.httpRequests();
  const jobs = new Set<string>();
  const records = async (): Promise<AuditRecord[]> =>
    (await ledger.audits.report()).filter(({ job }) => jobs.has(job));
  await keeper.prepare();
  for (const { job } of needs.routes) jobs.add(job);
  await workWhile(parts, signal, () => keeper.begin());
  await workWhile(parts, signal, () => keeper.auditor.everything(full ? 'full' : 'changes'));
  const first = new Map((await records()).map((record) => [record.place, record]));
  const drifted = [...first.values()].filter(hasDrift).map(({ place }) => place);
  if (drifted.length > 0) await workWhile(parts, signal, () => keeper.auditor.again(drifted));
  const mailboxes = (await records()).map((record) =>
    auditOf(record, { first: first.get(record.place), since: startedAt }),
  );
  return {
    at: new Date(clock.now()).toISOString(),
    equal: mailboxes.every(({ equal }) => equal),
    mailboxes,
    httpRequests: parts.httpRequests() - requestsBefore,
    seconds: (clock.now() - startedAt) / 1000,
  };
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
  return {
    mailboxes: counts.mailboxes,
    contacts: counts.done,
    writes: parts.writes() - writesBefore,
    httpRequests: parts.httpRequests() - requestsBefore,
    seconds: (clock.now() - startedAt) / 1000,
    waiting: changes.delayed + writes.delayed + writes.due,
    held: (await ledger.guard.held()).length,
    dead: changes.dead + writes.dead,
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

/** Second looks may wait for the next run; contacts that are not right yet may not, unless their mailbox asks for longer. */
async function untilQuiet({ assembly, clock }: ServiceParts, signal: AbortSignal): Promise<void> {
  let quietSince = clock.now();
  while (!signal.aborted) {
    const [changes, writes] = await Promise.all([
      assembly.needs.changes.depth(),
      assembly.needs.writes.depth(),
    ]);
    const busy = changes.due + changes.held + writes.due + writes.held > 0;
    if (!busy && writes.delayed === 0) return;
    if (busy) quietSince = clock.now();
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
  const filling = (await ledger.places.unfilledSlabs()).length > 0;
  for (const route of assembly.needs.routes) {
    const { right, behind } = await ledger.links.count(route.key);
    const places = await ledger.places.count(route.key);
    const { shown } = await ledger.cards.count(route.key);
    done += right;
    mailboxes += places;
    // Nobody is a contact in their own mailbox: the product is exact only while nothing better is known.
    total += filling ? Math.max(right + behind, shown * places) : right + behind;
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
