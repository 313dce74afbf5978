import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Client } from 'pg';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openPostgresLedger } from '../../src/ledger/postgres/open.ts';
import { startPostgres } from '../postgres/start.ts';
import { figure, rounded, type Figure } from './figure.ts';
import { furnish, linkOf, type Furniture } from './ledger-furniture.ts';

export interface BulkLoad {
  readonly people: number;
  readonly mailboxes: number;
}

interface Loaded {
  readonly links: number;
  readonly seconds: number;
  /** Of the whole database: people, cards, places and indexes included. */
  readonly bytes: number;
}

/** Links in one call, and calls that are on their way together. */
const LINKS_A_CALL = 5_000;
const CALLS_TOGETHER = 4;

/** As in service: every commit is synced to the disk. */
const IN_SERVICE = { fsync: 'on', full_page_writes: 'on', shared_buffers: "'256MB'", max_wal_size: "'2GB'" };

/** As many links as people x mailboxes into an empty ledger, as a move from another one does. */
export async function benchBulkLoad(size: BulkLoad): Promise<Figure[]> {
  const { copySeconds, ...postgres } = await onPostgres(size);
  const sqlite = await onSqlite(size);
  const conditions = {
    ...size,
    links: postgres.links,
    linksACall: LINKS_A_CALL,
    callsTogether: CALLS_TOGETHER,
  };
  return [
    figure({
      name: 'links loaded in bulk, PostgreSQL',
      unit: 'links a second',
      measured: Math.round(postgres.links / postgres.seconds),
      target: 20_000,
      floor: Math.round(postgres.links / copySeconds),
      best: 'high',
      with: {
        ...conditions,
        seconds: rounded(postgres.seconds, 1),
        sqliteLinksASecond: Math.round(sqlite.links / sqlite.seconds),
      },
      note: 'PostgreSQL, the loader and the disk share this machine; floor: the server copies the same rows from table to table by itself',
    }),
    figure({
      name: 'ledger per link, PostgreSQL',
      unit: 'bytes',
      measured: rounded(postgres.bytes / postgres.links, 1),
      target: 160,
      floor: rounded(sqlite.bytes / sqlite.links, 1),
      with: { ...conditions, bytes: postgres.bytes, sqliteBytes: sqlite.bytes },
      note: 'floor: the same links in SQLite, whose rows have no header of 28 bytes and lie in the tree of their key',
    }),
  ];
}

async function onPostgres(size: BulkLoad): Promise<Loaded & { readonly copySeconds: number }> {
  const server = await startPostgres({ settings: IN_SERVICE });
  try {
    const url = await server.database();
    const ledger = await openPostgresLedger({ url, tls: 'off' });
    const loaded = await load(ledger, await furnish(ledger, size));
    await ledger.close();
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ bytes: string }>(
      `select sum(pg_total_relation_size(oid))::text as bytes from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    );
    await client.query('create table twin (like links including all)');
    const started = performance.now();
    await client.query('insert into twin select * from links order by place, person');
    const copySeconds = (performance.now() - started) / 1_000;
    await client.end();
    return { ...loaded, bytes: Number(rows[0]?.bytes), copySeconds };
  } finally {
    await server.close();
  }
}

async function onSqlite(size: BulkLoad): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-load-'));
  const database = new SqliteDatabase(join(folder, 'ledger.db'));
  try {
    const ledger = await openLedger({ database });
    const loaded = await load(ledger, await furnish(ledger, size));
    database.pragma('wal_checkpoint(TRUNCATE)');
    return { ...loaded, bytes: statSync(database.name).size };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function load(ledger: Ledger, { cards, places }: Furniture): Promise<Omit<Loaded, 'bytes'>> {
  const started = performance.now();
  const calls = function* (): Generator<Promise<unknown>> {
    for (const place of places) {
      for (let from = 0; from < cards.length; from += LINKS_A_CALL) {
        const put = cards.slice(from, from + LINKS_A_CALL).map((card) => linkOf(card, place));
        yield ledger.links.save({ put });
      }
    }
  };
  const waiting = calls();
  await Promise.all(
    Array.from({ length: CALLS_TOGETHER }, async () => {
      for (let call = waiting.next(); call.done !== true; call = waiting.next()) await call.value;
    }),
  );
  return { links: cards.length * places.length, seconds: (performance.now() - started) / 1_000 };
}
