import { Fault } from '../model/fault.ts';
import { createCrowd, type Patience } from './crowd.ts';
import type { QueueName } from './messages.ts';
import type { Envelope, Operation, OperationKind, OperationOf, Outcomes } from './operations.ts';
import type { Executed } from './store.ts';

/**
 * Turns what arrives together into one durable commit. While one group is being committed the next one gathers;
 * there is never more than one on its way, so groups are committed in the order in which they were opened.
 */
export interface Committer {
  /** Resolves when the envelopes are durable; rejects with an `unavailable` fault when their group is not. */
  send(queue: QueueName, envelopes: readonly Envelope[]): Promise<void>;
  /** Resolves once the outcome is durable; rejects with an `unavailable` fault when it is not, or nobody knows. */
  submit<Kind extends OperationKind>(operation: OperationOf<Kind> & Operation): Promise<Outcomes[Kind]>;
  /** Commits so far that had something to write: each cost one fsync. */
  commits(): number;
  /** Commits what was handed over, then gives everything back; what comes later is refused. */
  close(): Promise<void>;
}

export interface CommitterOptions {
  /** Carries out the operations in one transaction. Rejects when none took effect, or when that is unknown. */
  readonly execute: (operations: readonly Operation[]) => Executed | Promise<Executed>;
  readonly release: () => void | Promise<void>;
  /** See crowd.ts. Without it a group leaves at the end of the current turn, which is the same in every run. */
  readonly patience?: Patience;
}

/** Bounds memory when the disk stands still: senders get `unavailable`, and Graph tries again. */
const MAX_GATHERED = 100_000;
/** Envelopes in one row of the inbox: few enough to be sorted in between two commits. */
const ENVELOPES_PER_ROW = 256;

interface Group {
  readonly envelopes: Map<QueueName, Envelope[]>;
  readonly operations: Operation[];
  /** Queues that took nothing of this group. */
  readonly refused: Set<QueueName>;
  readonly outcomes: PromiseWithResolvers<Executed['outcomes']>;
  senders: number;
  /** Envelopes and operations. */
  size: number;
}

export function createCommitter({ execute, release, patience }: CommitterOptions): Committer {
  let gathering = openGroup();
  let running: Promise<void> | null = null;
  let onTheirWay = 0;
  const crowd = createCrowd(patience ?? null);
  let closed = false;
  let commits = 0;

  function join(size: number): Group {
    if (closed) throw new Fault('unavailable', 'the queue is closed', { code: 'CLOSED' });
    if (gathering.size > 0 && gathering.size + size > MAX_GATHERED) {
      throw new Fault('unavailable', 'too much waits for the disk', { code: 'BACKLOG' });
    }
    gathering.size += Math.max(1, size);
    running ??= run();
    return gathering;
  }

  async function run(): Promise<void> {
    do {
      await crowd.gathered();
      const group = gathering;
      gathering = openGroup();
      onTheirWay = group.senders;
      crowd.left(onTheirWay);
      await commit(group);
      onTheirWay = 0;
    } while (gathering.size > 0);
    running = null;
  }

  async function commit(group: Group): Promise<void> {
    const appends = [...group.envelopes].map(([queue, envelopes]) => appendOf(queue, envelopes));
    try {
      const { outcomes, wrote } = await execute([...appends, ...group.operations]);
      if (wrote) commits += 1;
      for (const [place, { queue }] of appends.entries())
        if (outcomes[place] === false) group.refused.add(queue);
      group.outcomes.resolve(outcomes.slice(appends.length));
    } catch (error) {
      group.outcomes.reject(asFault(error));
    }
  }

  return {
    async send(queue, envelopes) {
      const group = join(envelopes.length);
      gather(group, queue, envelopes);
      crowd.joined(group.senders, onTheirWay);
      await group.outcomes.promise;
      if (group.refused.has(queue)) throw new Fault('unavailable', 'the queue is full', { code: 'FULL' });
    },
    async submit<Kind extends OperationKind>(operation: OperationOf<Kind> & Operation) {
      const group = join(1);
      crowd.hurry();
      const place = group.operations.push(operation) - 1;
      const outcomes = await group.outcomes.promise;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- outcomes come in the order of the operations
      return outcomes[place] as Outcomes[Kind];
    },
    commits: () => commits,
    async close() {
      if (closed) return;
      closed = true;
      crowd.hurry();
      await running;
      await release();
    },
  };
}

function openGroup(): Group {
  return {
    envelopes: new Map(),
    operations: [],
    refused: new Set(),
    outcomes: Promise.withResolvers(),
    senders: 0,
    size: 0,
  };
}

function gather(group: Group, queue: QueueName, envelopes: readonly Envelope[]): void {
  group.senders += 1;
  const gathered = group.envelopes.get(queue);
  if (gathered === undefined) group.envelopes.set(queue, [...envelopes]);
  else for (const envelope of envelopes) gathered.push(envelope);
}

function appendOf(queue: QueueName, envelopes: readonly Envelope[]): OperationOf<'append'> {
  const rows: string[] = [];
  for (let start = 0; start < envelopes.length; start += ENVELOPES_PER_ROW) {
    rows.push(JSON.stringify(envelopes.slice(start, start + ENVELOPES_PER_ROW)));
  }
  return { kind: 'append', queue, rows };
}

/** What SQLite refuses (full, busy, read-only, damaged) was rolled back; anything else is a fault of ours. */
function asFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof Fault || typeof code !== 'string') return error;
  return new Fault('unavailable', 'the queue cannot be written', { code, cause: error });
}
