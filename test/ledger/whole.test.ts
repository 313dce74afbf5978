import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/kit/log.ts';
import { copyLedger, type CopiedTable } from '../../src/ledger/copying.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { openPostgresLedger } from '../../src/ledger/postgres/open.ts';
import { openWholePostgres } from '../../src/ledger/postgres/whole.ts';
import { openWholeFile } from '../../src/ledger/sqlite/whole.ts';
import { TABLES, type Row, type WholeLedger } from '../../src/ledger/whole.ts';
import { join, linkTo, saveRoute, setScene, show, TENANT } from '../contracts/ledger-setup.ts';
import { withClient } from '../postgres/client.ts';
import { startPostgres, type PostgresServer } from '../postgres/start.ts';

const PEOPLE = 6_000;
const folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-whole-'));
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

/** A ledger with something in most tables, more people than one portion, and keys that were given out and taken back. */
async function fill(file: string): Promise<void> {
  const ledger = await openLedgerFile({ path: file });
  const people = Array.from({ length: PEOPLE }, (_, index) => `person-${index}`);
  const { route, place, cards } = await setScene(ledger, people);
  await ledger.links.save({
    put: cards.slice(0, 100).map((card) => linkTo(card, place)),
    bump: { tenant: TENANT, slab: 0 },
  });
  await ledger.memberships.track(TENANT, ['A', 'Ümläut', 'a'], 'group');
  const joined = ['x', 'y'].map((id) => ({ id, kind: 'person' as const }));
  const differences = [{ group: 'A', gone: false, joined, left: [] }];
  await ledger.memberships.apply({
    tenant: TENANT,
    bundle: 'b',
    groups: ['A'],
    full: true,
    differences,
    token: 't',
    at: 1,
  });
  await ledger.outbox.sent((await ledger.outbox.read(10)).map(({ entry }) => entry));
  await ledger.halts.set({ scope: { kind: 'job', name: 'staff' }, mode: 'paused', since: 1_795_000_000_000 });
  await ledger.counters.set('moving', 1);
  await ledger.counters.set('found by sweep', 12);
  await ledger.audits.ask([place.place], 'full');
  await ledger.crew.announce({ id: 'w', role: 'worker', configuration: 'c', at: 1 });
  const gone = await saveRoute(ledger, 'gone', { job: 'gone' });
  await ledger.routes.forget(gone.key);
  await show(ledger, route, ['late']);
  await ledger.close();
}

const copy = (from: WholeLedger, to: WholeLedger): Promise<CopiedTable[]> =>
  copyLedger({ from, to, without: new Set(['moving']), onProgress: () => {} });

/** How many rows the planner of PostgreSQL believes to be in a table. */
function plannedRows(url: string, table: string): Promise<number> {
  const text = 'select reltuples::int as rows from pg_class where relname = $1';
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ rows: number }>(text, [table]);
    return rows[0]?.rows ?? -1;
  });
}

describe('a ledger', { timeout: 120_000 }, () => {
  test('is the same in every database that it is copied to, and back, down to keys that were taken back', async () => {
    const first = path.join(folder, 'first.sqlite');
    await fill(first);
    const url = await server.database();
    const one = await openWholeFile(first);
    const two = await openWholePostgres({ url, tls: 'off', log: silentLog });
    const there = await copy(one, two);
    expect(await plannedRows(url, 'people')).toBe(PEOPLE + 1);
    const three = await openWholeFile(path.join(folder, 'back.sqlite'));
    const back = await copy(two, three);
    expect(back).toEqual(there);
    expect(there.map(({ table }) => table)).toEqual(TABLES);
    const rows = Object.fromEntries(there.map(({ table, rows: count }) => [table, count]));
    expect(rows).toMatchObject({
      people: PEOPLE + 1,
      cards: PEOPLE + 1,
      links: 100,
      members: 2,
      outbox: 0,
      counters: 1,
    });
    for (const table of TABLES) expect(await three.lastKey(table), table).toBe(await one.lastKey(table));
    await Promise.all([one, two, three].map((ledger) => ledger.close()));
    const ledger = await openPostgresLedger({ url, tls: 'off' });
    const next = await saveRoute(ledger, 'next', { job: 'next' });
    // The number of the route that was forgotten is not given out again.
    expect(next.key).toBe(3);
    expect((await join(ledger, next, 'newcomer')).place).toBeGreaterThan(1);
    expect(await ledger.counters.read('moving')).toBe(0);
    expect((await ledger.cards.of(TENANT, ['late'])).map(({ revision }) => revision)).toEqual([1]);
    await ledger.close();
  });

  test('every table is copied, but for who is at work and what the schema is', async () => {
    const file = path.join(folder, 'tables.sqlite');
    await (await openWholeFile(file)).close();
    const database = new SqliteDatabase(file, { readonly: true });
    const all = database
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
      .pluck()
      .all();
    const apart = ['leases', 'workers', 'migrations', 'migrations_lock'];
    expect(new Set(all.filter((name) => !apart.includes(String(name))))).toEqual(new Set(TABLES));
    database.close();
  });

  test('another row, or one too few, is noticed', async () => {
    const source = await openWholeFile(path.join(folder, 'first.sqlite'));
    for (const [name, change] of [
      ['lost', (rows: readonly Row[]) => rows.slice(1)],
      ['other', (rows: readonly Row[]) => rows.map((row) => ({ ...row, folder: 'Another' }))],
    ] as const) {
      const target = await openWholeFile(path.join(folder, `${name}.sqlite`));
      const faulty: WholeLedger = {
        ...target,
        write: (table, rows) => target.write(table, table === 'routes' ? change(rows) : rows),
      };
      await expect(copy(source, faulty)).rejects.toThrow(
        /^Table routes was copied with 1 rows and read back/,
      );
      await target.clear([]);
      expect(await target.isEmpty()).toBe(true);
      await target.close();
    }
    await source.close();
  });
});
