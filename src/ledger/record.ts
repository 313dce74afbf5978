import type { RecordBook, RecordedWrite } from '../engine/record-port.ts';
import { createPortions } from './portions.ts';
import type { Session } from './session.ts';

/** One row for all that was answered together, so that the record costs one statement a turn. */
export function createRecord(session: Session): RecordBook {
  const table = { table: 'record', column: 'writes' } as const;
  const portions = createPortions<RecordedWrite>(session, table, { write: rowOf, read: writeOf });
  return {
    add: portions.add,
    portions: async (from) =>
      (await portions.read(from)).map(({ rows, ...portion }) => ({ ...portion, writes: rows })),
    forgetBefore: portions.forgetBefore,
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
