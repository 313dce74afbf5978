import type { AuditMode, AuditRecord } from '../engine/audit-book.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { workOf } from '../engine/setbacks.ts';
import { sweepMade, sweepWanted } from '../engine/subscribe.ts';
import { slept } from '../kit/loop.ts';
import { auditOf, hasDrift, type AuditReport } from './audit-report.ts';
import type { Watching } from './reverting.ts';

type Book = Pick<Ledger, 'audits' | 'places' | 'routes' | 'counters' | 'setbacks'>;

/** How the steps of an audit are carried out: by the workers of this process, or by the service beside it. */
export interface Workers {
  /** Brings the ledger up to date: differences are equal only to what it knows. */
  readonly begin: () => Promise<void>;
  /** Has places verified, and what drifted put right, as far as that can be done now. */
  readonly verify: (places: readonly number[], mode: AuditMode) => Promise<void>;
}

export interface Proof {
  readonly ledger: Book;
  readonly now: () => number;
  /** Ids of the jobs, each with whether it shows owners in their own mailboxes. */
  readonly jobs: ReadonlyMap<string, { readonly ownContact: boolean }>;
  readonly full: boolean;
  /** Work of this process that failed and is tried again; what the ledger knows of others comes on top. */
  readonly failing: () => number;
}

/** Every mailbox held against what it should show; what drifted is healed on the way, and a second look says whether it held. */
export async function prove(
  { ledger, now, jobs, full, failing }: Proof,
  workers: Workers,
): Promise<Omit<AuditReport, 'httpRequests'>> {
  const startedAt = now();
  const records = async (): Promise<AuditRecord[]> =>
    (await ledger.audits.report()).filter(({ job }) => jobs.has(job));
  await workers.begin();
  await workers.verify(
    (await records()).map(({ place }) => place),
    full ? 'full' : 'changes',
  );
  const first = new Map((await records()).map((record) => [record.place, record]));
  const drifted = [...first.values()].filter(hasDrift).map(({ place }) => place);
  if (drifted.length > 0) await workers.verify(drifted, 'changes');
  const behind = await behindIn(ledger, jobs);
  const mailboxes = (await records()).map((record) =>
    auditOf(record, {
      first: first.get(record.place),
      since: startedAt,
      behind: behind.get(record.place) ?? 0,
    }),
  );
  const left = failing() + workOf(await ledger.setbacks.count());
  return {
    at: new Date(now()).toISOString(),
    equal: left === 0 && mailboxes.every(({ equal }) => equal),
    failing: left,
    mailboxes,
    seconds: (now() - startedAt) / 1_000,
  };
}

/** The links held against the cards: what never became a link, nobody could see in a mailbox to be missing. */
async function behindIn(
  { routes, audits }: Pick<Book, 'routes' | 'audits'>,
  jobs: Proof['jobs'],
): Promise<ReadonlyMap<number, number>> {
  const behind = new Map<number, number>();
  for (const { key, job } of await routes.all()) {
    const found = jobs.get(job);
    if (!found) continue;
    for (const [place, people] of await audits.behind(key, found.ownContact)) behind.set(place, people);
  }
  return behind;
}

const LOOK_MS = 1_000;
/** When nothing moved for so long, the rest is parked, asked to wait, or nobody is at work: it is said to be not equal. */
const PATIENCE_MS = 3 * 60_000;

export interface Beside extends Watching {
  readonly ledger: Book;
  /** Of the configuration. */
  readonly tenants: readonly string[];
  /** Whether the queues have something that could be worked on now. */
  readonly isBusy: () => Promise<boolean>;
}

/** By the service that works on this ledger: it finds what is asked for here, as it finds what its own nights ask for. */
export function besideService({ ledger, tenants, isBusy, clock, signal, onProgress }: Beside): Workers {
  /** Until nothing is left, or nothing moves any more. */
  const follow = async (left: () => Promise<number>): Promise<void> => {
    let before = Infinity;
    for (let movedAt = clock.now(); !signal.aborted && clock.now() - movedAt <= PATIENCE_MS;) {
      const now = await left();
      if (now === 0) return;
      if (now !== before || (await isBusy())) movedAt = clock.now();
      before = now;
      await slept(clock, LOOK_MS, signal);
    }
  };
  return {
    begin: async () => {
      for (const tenant of tenants) await ledger.counters.set(sweepWanted(tenant), clock.now());
      await follow(async () => {
        const due = await Promise.all(tenants.map((tenant) => isSweepDue(ledger, tenant)));
        return due.filter(Boolean).length + ((await isBusy()) ? 1 : 0);
      });
    },
    verify: async (places, mode) => {
      const askedAt = clock.now();
      const asked = new Set(places);
      await ledger.audits.ask(places, mode);
      await follow(async () => {
        const open = (await ledger.audits.report()).filter(
          ({ place, verified, settled }) => asked.has(place) && !(settled && (verified ?? 0) >= askedAt),
        );
        onProgress?.({ phase: 'audit', done: asked.size - open.length, total: asked.size });
        return open.length;
      });
    },
  };
}

async function isSweepDue({ counters }: Pick<Book, 'counters'>, tenant: string): Promise<boolean> {
  return (await counters.read(sweepWanted(tenant))) !== (await counters.read(sweepMade(tenant)));
}
