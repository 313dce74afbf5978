import { iso } from '../../kit/iso.ts';
import { toldOf } from '../../kit/told.ts';
import { changeIdsOf, type Change } from '../../model/change.ts';
import { changeIdOf } from '../../model/trace.ts';
import { tracesBehind, type Write } from '../../model/write.ts';
import type { Config } from '../../kit/config/config.ts';
import { lettersOf } from '../given-up/queues.ts';
import type { Letter } from '../given-up/report.ts';
import { withQueues, type Queues } from '../queues-beside.ts';
import type { Surroundings } from '../service.ts';
import type { TracedObject, TracedWaiting } from './report.ts';

/** What both queues hold of one event. */
export interface Queued {
  readonly waiting: readonly TracedWaiting[];
  readonly letters: readonly Letter[];
  /** Of what it is, as the messages say. */
  readonly about: TracedObject | null;
  readonly unread: string | null;
  readonly lookedAt: number | null;
}

/** A look at the bus costs a credit a message. */
const AT_BUS = 2_000;
const IN_FILE = 100_000;

export interface Asked {
  /** The id of a change. */
  readonly change: string;
  /** Else what a look costs at the queue decides. */
  readonly most?: number;
}

const NOTHING: Queued = { waiting: [], letters: [], about: null, unread: null, lookedAt: null };

/** Looks without taking anything, at no more than `most` messages of each queue. Queues that cannot be read are said to be unread: the ledger tells the rest. */
export async function queuedFor(
  config: Config,
  surroundings: Surroundings,
  { change, most = config.queue.kind === 'serviceBus' ? AT_BUS : IN_FILE }: Asked,
): Promise<Queued> {
  try {
    return await withQueues(config, surroundings, (queues) =>
      queues === null ? Promise.resolve(NOTHING) : lookInto(queues, { change, most }),
    );
  } catch (error) {
    return { ...NOTHING, unread: toldOf(error) };
  }
}

async function lookInto(
  queues: Queues,
  { change, most }: { readonly change: string; readonly most: number },
): Promise<Queued> {
  const changes = await queues.changes.peek(most);
  const writes = await queues.writes.peek(most);
  const ofChange = changes.waiting.filter(({ body }) => isFor(body, change));
  const ofWrite = writes.waiting.filter(({ body }) => isFor(body, change));
  const letters = (await lettersOf(queues).all()).filter(({ body }) => body !== null && isFor(body, change));
  const [first] = ofChange;
  const waiting = [
    ...ofChange.map(({ body: { tenant }, due, held, attempts }): TracedWaiting => {
      return { queue: 'changes', tenant, slab: null, due: iso(due), held, attempts };
    }),
    ...ofWrite.map(({ body: { tenant, slab }, due, held, attempts }): TracedWaiting => {
      return { queue: 'writes', tenant, slab, due: iso(due), held, attempts };
    }),
  ];
  return {
    waiting: waiting.toSorted((one, other) => (one.due < other.due ? -1 : 1)),
    letters,
    about: first ? { tenant: first.body.tenant, kind: first.body.kind, object: first.body.id } : null,
    unread: null,
    lookedAt: Math.max(changes.lookedAt, writes.lookedAt) >= most ? most : null,
  };
}

function isFor(body: Change | Write, change: string): boolean {
  if (!('slab' in body)) return changeIdsOf(body).includes(change);
  return tracesBehind(body).some((trace) => changeIdOf(trace) === change);
}
