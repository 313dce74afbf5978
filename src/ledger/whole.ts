import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Dialect, Kinds } from './dialect.ts';
import type { Tables } from './tables.ts';

/** A ledger as tables and rows, whatever database it is in: to be copied whole into another one, while nobody works on either. */
export interface WholeLedger {
  isEmpty(): Promise<boolean>;
  /** Forgets everything but these counters. */
  clear(but: readonly string[]): Promise<void>;
  count(table: TableName): Promise<number>;
  /** All rows in portions, so that memory does not grow with the ledger. */
  rows(table: TableName): AsyncIterable<readonly Row[]>;
  write(table: TableName, rows: readonly Row[]): Promise<void>;
  /** The highest number that was ever given out as a key; null for a table whose keys are not numbered. */
  lastKey(table: TableName): Promise<number | null>;
  /** From now on keys are given out above this one. */
  keepKeysAbove(table: TableName, last: number): Promise<void>;
  /** After many rows were written: the database plans with what it knows of its tables, and knew them empty. */
  takeStock(): Promise<void>;
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, number | string | Uint8Array | null>>;
export type TableName = keyof typeof COPIED;

/** Tables in an order that foreign keys allow, with their primary keys. The processes at work are not part of a ledger. */
const COPIED = {
  routes: ['key'],
  people: ['key'],
  cards: ['route', 'person'],
  mailboxes: ['key'],
  waits: ['tenant', 'owner'],
  seats: ['tenant'],
  slabs: ['tenant', 'slab'],
  places: ['key'],
  links: ['person', 'place'],
  book: ['person'],
  book_keys: ['source', 'kind', 'digest', 'person'],
  book_doubts: ['place', 'kind', 'digest'],
  audits: ['place'],
  healings: ['place', 'person'],
  tracked: ['key'],
  members: ['container', 'member'],
  tokens: ['tenant', 'name'],
  subscriptions: ['tenant', 'id'],
  removals: ['job', 'kind', 'subject'],
  halts: ['scope', 'name', 'mode'],
  kept_out: ['subject', 'by', 'identity'],
  suspicions: ['job'],
  outbox: ['entry'],
  counters: ['name'],
  throttles: ['entry'],
  record: ['entry'],
  traces: ['entry'],
  setbacks: ['tenant', 'slab', 'kind', 'mailbox', 'route', 'object'],
} as const satisfies Record<string, readonly string[]>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets that the names are known
export const TABLES = Object.keys(COPIED) as readonly TableName[];

/** Read at a time, and written in one statement. */
const PORTION = 5_000;

/** How a database counts up the keys that it gives out. */
export interface Sequences {
  last(db: Kysely<Tables>, table: string, column: string): Promise<number>;
  raise(db: Kysely<Tables>, sequence: { table: string; column: string; last: number }): Promise<void>;
}

/** `db` has the current schema already. */
export function wholeOf(
  db: Kysely<Tables>,
  rows: Dialect['rows'],
  sequences: Sequences,
): Omit<WholeLedger, 'takeStock' | 'close'> {
  const count: WholeLedger['count'] = async (table) => {
    const found = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db);
    return found.rows[0]?.rows ?? 0;
  };
  // A schema does not change under a copy, and is read for thousands of portions.
  const known = new Map<TableName, Kinds<Row>>();
  const kindsIn = async (table: TableName): Promise<Kinds<Row>> => {
    const kinds = known.get(table) ?? (await kindsOf(db, table));
    known.set(table, kinds);
    return kinds;
  };
  return {
    count,
    isEmpty: async () => {
      for (const table of TABLES) if ((await count(table)) > 0) return false;
      return true;
    },
    clear: async (but) => {
      const kept = rows<{ name: string }>(
        { name: 'text' },
        but.map((name) => ({ name })),
      );
      for (const table of TABLES.toReversed()) {
        const some =
          table === 'counters' ? sql`where name not in ${sql`(select name from ${kept} as k)`}` : sql``;
        await sql`delete from ${sql.table(table)} ${some}`.execute(db);
      }
    },
    rows: (table) => portions(db, table),
    write: async (table, given) => {
      const [first] = given;
      if (!first) return;
      const kinds = await kindsIn(table);
      const names = Object.keys(kinds);
      const columns = sql.join(names.map((name) => sql.ref(name)));
      await sql`insert into ${sql.table(table)} (${columns}) select ${columns} from ${rows<Row>(kinds, given)} as w`.execute(
        db,
      );
    },
    lastKey: async (table) => {
      const column = numbered(table);
      return column === null ? null : sequences.last(db, table, column);
    },
    keepKeysAbove: async (table, last) => {
      const column = numbered(table);
      if (column !== null && last > 0) await sequences.raise(db, { table, column, last });
    },
  };
}

/** The column whose numbers the database gives out. */
function numbered(table: TableName): string | null {
  return COPIED[table].find((column) => column === 'key' || column === 'entry') ?? null;
}

async function* portions(db: Kysely<Tables>, table: TableName): AsyncIterable<readonly Row[]> {
  const keys = COPIED[table];
  const columns = sql.join(keys.map((key) => sql.ref(key)));
  for (let after: Row | undefined; ;) {
    const last = after;
    const from = last
      ? sql`where (${columns}) > (${sql.join(keys.map((key) => sql.val(last[key])))})`
      : sql``;
    const { rows } =
      await sql<Row>`select * from ${sql.table(table)} ${from} order by ${columns} limit ${sql.lit(PORTION)}`.execute(
        db,
      );
    if (rows.length > 0) yield rows;
    if (rows.length < PORTION) return;
    after = rows.at(-1);
  }
}

async function kindsOf(db: Kysely<Tables>, table: TableName): Promise<Kinds<Row>> {
  const tables = await db.introspection.getTables();
  const found = tables.find(({ name }) => name === table);
  const kinds: Record<string, 'integer' | 'text' | 'bytes'> = {};
  for (const { name, dataType } of found?.columns ?? []) {
    const type = dataType.toLowerCase();
    kinds[name] = /blob|bytea/.test(type) ? 'bytes' : type === 'text' ? 'text' : 'integer';
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a column holds is known to the database alone
  return kinds as Kinds<Row>;
}

/** Of rows in whatever order: the same for the same rows. */
export class RowsDigest {
  readonly #sum = Buffer.alloc(32);
  rows = 0;

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      const fields = Object.keys(row)
        .toSorted()
        .map((name) => [name, plain(row[name] ?? null)]);
      const hash = createHash('sha256').update(JSON.stringify(fields)).digest();
      // No two rows of a table are equal, so none takes another away.
      for (const [index, byte] of hash.entries()) this.#sum[index] = (this.#sum[index] ?? 0) ^ byte;
      this.rows += 1;
    }
  }

  toString(): string {
    return this.#sum.toString('hex');
  }
}

function plain(value: Row[string]): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
}
