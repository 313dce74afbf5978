import type { RecordBook, RecordedWrite } from '../engine/record-port.ts';
import { pack, unpack } from './packed.ts';
import type { Session } from './session.ts';

/** Read at a time: a portion is what one turn sent, some hundred writes at most. */
const PORTIONS = 200;

/**
 * One row for all that was answered together, so that the record costs one statement a turn; packed, since ids of items of one mailbox
 * are alike in most of their letters.
 */
export function createRecord({ db }: Session): RecordBook {
  return {
    add: async (tenant, at, writes) => {
      if (writes.length === 0) return;
      await db
        .insertInto('record')
        .values({ tenant, at, writes: pack(writes.map(rowOf)) })
        .execute();
    },
    portions: async ({ before, since }) => {
      const found = await db
        .selectFrom('record')
        .where('at', '>=', since)
        .$if(before !== null, (query) => query.where('entry', '<', before ?? 0))
        .selectAll()
        .orderBy('entry', 'desc')
        .limit(PORTIONS)
        .execute();
      return found.map(({ entry, writes, ...row }) => ({
        portion: entry,
        ...row,
        writes: unpack(writes).map(writeOf),
      }));
    },
    forgetBefore: async (at) => {
      const old = await db.selectFrom('record').where('at', '<', at).select('entry').limit(1).execute();
      // Asked every minute, and mostly in vain.
      if (old.length > 0) await db.deleteFrom('record').where('at', '<', at).execute();
    },
  };
}

function rowOf({
  operation,
  mailbox,
  route,
  item,
  identity,
  fields,
  outcome,
  changes,
}: RecordedWrite): unknown[] {
  const row = [operation, mailbox, route, item, identity, fields.join(' '), outcome];
  return changes.length === 0 ? row : [...row, changes.join(' ')];
}

/** Entries of before a change had an id end with the outcome. */
function writeOf(cells: readonly (string | null)[]): RecordedWrite {
  const [operation, mailbox, route, item, identity, fields, outcome, changes] = cells;
  return {
    operation: operation ?? '',
    mailbox: mailbox ?? '',
    route: route ?? '',
    item: item ?? null,
    identity: identity ?? null,
    fields: fields ? fields.split(' ') : [],
    outcome: outcome ?? '',
    changes: changes ? changes.split(' ') : [],
  };
}
