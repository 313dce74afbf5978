import { isRead } from '../engine/halts.ts';
import type { Operation, Outcome, Target } from '../engine/ports.ts';
import type { RecordBook, RecordedWrite } from '../engine/record-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { bookOf } from '../model/book.ts';
import { fieldsOf } from '../model/card.ts';
import type { Route } from '../model/route.ts';
import { changeIdOf } from '../model/trace.ts';
import type { BookRead } from '../sources/book.ts';

export interface Recording {
  readonly record: Pick<RecordBook, 'add'>;
  readonly clock: Clock;
  readonly tenant: string;
  /** Ids of routes whose reads of contacts are on record as well. */
  readonly reads: ReadonlySet<string>;
}

/**
 * Everything that is written passes here, whoever asked for it, and is on record before anybody learns what came of it: what the
 * ledger takes for known was recorded. A process that dies between the answer and the record leaves a link of unknown outcome; the
 * look by its mark that follows is on record as well.
 */
export function recording(target: Target, { record, clock, tenant, reads }: Recording): Target {
  return {
    apply: async (operations, urgency) => {
      const outcomes = await target.apply(operations, urgency);
      const writes = operations.flatMap((operation, index) => {
        const outcome = outcomes[index];
        return outcome && isRecorded(operation, outcome, reads) ? recorded(operation, outcome) : [];
      });
      if (writes.length > 0) await record.add(tenant, clock.now(), writes);
      return outcomes;
    },
    spare: () => target.spare(),
  };
}

/** Ids of the routes into a folder that mailboxes share: what stands there is everybody's. */
export function hubsOf(routes: readonly Route[]): ReadonlySet<string> {
  return new Set(routes.flatMap(({ id, shares }) => (shares?.stands === 'named' ? id : [])));
}

/** Of which book they were read. */
export type NoteReads = (source: string, reads: readonly BookRead[]) => Promise<void>;

/** Puts on record what is read in the mailboxes in the middle, one contact at a time, to bring it to the others. */
export function readsOfHubs({
  config: { jobs, compliance },
  clock,
  record,
}: Pick<Recording, 'clock' | 'record'> & {
  readonly config: Pick<Config, 'jobs' | 'compliance'>;
}): NoteReads {
  const mirrors = jobs.flatMap((job) => (job.kind === 'mirror' ? job : []));
  // Several books may have one mailbox in the middle.
  const books = new Map(mirrors.map((job) => [bookOf(job.tenant, job.id), job]));
  return async (source, reads) => {
    const job = books.get(source);
    if (!job || compliance.record.days === 0) return;
    const ofHub = reads.filter(({ owner }) => owner === job.hub.mailbox);
    const writes = ofHub.map(({ owner, item, identity }): RecordedWrite => {
      const route = `${job.id}/in`;
      const about = { mailbox: owner, route, item, identity };
      return { operation: 'read', ...about, fields: [], outcome: 'done', changes: [] };
    });
    if (writes.length > 0) await record.add(job.tenant, clock.now(), writes);
  };
}

/** Reads that show somebody's contacts, as far as they are asked for; a folder alone tells nothing of anybody. */
const SHOWING: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'survey',
  'look-at',
  'list',
  'list-changes',
  'list-adopted',
  'read',
]);

function isRecorded(operation: Operation, outcome: Outcome, reads: ReadonlySet<string>): boolean {
  // What an administrator stopped was never sent.
  if (outcome.kind === 'fault' && outcome.fault.kind === 'paused') return false;
  if (!isRead(operation) || operation.kind === 'find') return true;
  return SHOWING.has(operation.kind) && 'route' in operation && reads.has(operation.route);
}

function recorded(operation: Operation, outcome: Outcome): RecordedWrite {
  const item = 'item' in operation ? operation.item : outcome.kind === 'written' ? outcome.item : null;
  return {
    operation: operation.kind,
    mailbox: operation.mailbox,
    route: 'route' in operation ? operation.route : '',
    item,
    identity: identityOf(operation),
    fields: 'card' in operation ? fieldsOf(operation.card) : operation.kind === 'picture' ? ['photo'] : [],
    outcome: outcome.kind === 'fault' ? outcome.fault.kind : 'done',
    changes: 'traces' in operation ? [...new Set(operation.traces?.map(changeIdOf))] : [],
  };
}

function identityOf(operation: Operation): string | null {
  if ('mark' in operation) return operation.mark.identity;
  return 'identity' in operation ? operation.identity : null;
}
