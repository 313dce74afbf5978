import { sql } from 'kysely';
import { pack, unpack } from './packed.ts';
import type { Session } from './session.ts';

/** Read at a time: a portion is what one turn sent, or one take of the queue brought; some hundred rows at most. */
const PORTIONS = 200;

/** A table that keeps what happened together in one row, packed into its column. */
export type PortionTable =
  | { readonly table: 'record'; readonly column: 'writes' }
  | { readonly table: 'traces'; readonly column: 'looks' };

/** How a row is spelled in text cells, and read again; a cell that is no text is null. */
interface Spelling<Row> {
  readonly write: (row: Row) => readonly unknown[];
  readonly read: (cells: readonly (string | null)[]) => Row;
}

interface Portion<Row> {
  readonly portion: number;
  readonly at: number;
  readonly tenant: string;
  readonly rows: Row[];
}

/** What can only be added to, is read from its end, and is forgotten when it is old. One statement for all that is added together. */
export interface Portions<Row> {
  readonly add: (tenant: string, at: number, rows: readonly Row[]) => Promise<void>;
  readonly read: (from: {
    readonly before: number | null;
    readonly since: number;
  }) => Promise<Portion<Row>[]>;
  readonly forgetBefore: (at: number) => Promise<void>;
}

export function createPortions<Row>(
  { db }: Session,
  { table, column }: PortionTable,
  spelling: Spelling<Row>,
): Portions<Row> {
  return {
    add: async (tenant, at, rows) => {
      if (rows.length === 0) return;
      await db
        .insertInto(table)
        .values({ tenant, at, [column]: pack(rows.map(spelling.write)) })
        .execute();
    },
    read: async ({ before, since }) => {
      const found = await db
        .selectFrom(table)
        .where('at', '>=', since)
        .$if(before !== null, (query) => query.where('entry', '<', before ?? 0))
        .select(['entry as portion', 'at', 'tenant', sql<Uint8Array>`${sql.ref(column)}`.as('packed')])
        .orderBy('entry', 'desc')
        .limit(PORTIONS)
        .execute();
      return found.map(({ packed, ...portion }) => ({ ...portion, rows: unpack(packed).map(spelling.read) }));
    },
    forgetBefore: async (at) => {
      const old = await db.selectFrom(table).where('at', '<', at).select('entry').limit(1).execute();
      // Asked every minute, and mostly in vain.
      if (old.length > 0) await db.deleteFrom(table).where('at', '<', at).execute();
    },
  };
}
