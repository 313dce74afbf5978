import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RecordBook, RecordedWrite } from '../engine/record-port.ts';
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
        .values({ tenant, at, writes: pack(writes) })
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
      return found.map(({ entry, writes, ...row }) => ({ portion: entry, ...row, writes: unpack(writes) }));
    },
    forgetBefore: async (at) => {
      const old = await db.selectFrom('record').where('at', '<', at).select('entry').limit(1).execute();
      // Asked every minute, and mostly in vain.
      if (old.length > 0) await db.deleteFrom('record').where('at', '<', at).execute();
    },
  };
}

function pack(writes: readonly RecordedWrite[]): Uint8Array {
  const rows = writes.map(({ operation, mailbox, route, item, identity, fields, outcome }) => {
    return [operation, mailbox, route, item, identity, fields.join(' '), outcome];
  });
  return deflateRawSync(JSON.stringify(rows));
}

function unpack(bytes: Uint8Array): RecordedWrite[] {
  const rows: unknown = JSON.parse(inflateRawSync(bytes).toString('utf8'));
  if (!Array.isArray(rows))
    throw new Error('The record of writes holds a portion that this version does not know.');
  return rows.map(writeOf);
}

function writeOf(row: unknown): RecordedWrite {
  const cells = Array.isArray(row)
    ? row.map((cell: unknown) => (typeof cell === 'string' ? cell : null))
    : [];
  const [operation, mailbox, route, item, identity, fields, outcome] = cells;
  return {
    operation: operation ?? '',
    mailbox: mailbox ?? '',
    route: route ?? '',
    item: item ?? null,
    identity: identity ?? null,
    fields: fields ? fields.split(' ') : [],
    outcome: outcome ?? '',
  };
}
