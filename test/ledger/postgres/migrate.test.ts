import { expect, test } from 'vitest';
import { silentLog, type Log } from '../../../src/kit/log.ts';
import { openPostgresLedger } from '../../../src/ledger/postgres/open.ts';
import { viewWholePostgres } from '../../../src/ledger/postgres/whole.ts';
import { withClient } from '../../postgres/client.ts';
import { contents, dying } from './database.ts';
import { postgresHome } from './home.ts';
import { MIGRATIONS } from '../migrations.ts';

const home = postgresHome();

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(text)).rows);
}

test('ten processes that start at once make one schema', async () => {
  const url = await home.server().database();
  const lines: unknown[] = [];
  const log: Log = { ...silentLog, tell: (event, keys) => void lines.push({ event, ...keys }) };
  const ledgers = await Promise.all(
    Array.from({ length: 10 }, () => openPostgresLedger({ url, tls: 'off', poolSize: 1, log })),
  );
  expect(lines).toEqual(
    MIGRATIONS.map((migration) => ({
      event: 'ledger-migrated',
      migration,
    })),
  );
  await Promise.all(ledgers.map((ledger) => ledger.counters.add('n', 1)));
  expect(await ledgers[0]?.counters.read('n')).toBe(10);
  for (const ledger of ledgers) await ledger.close();
});

test('a schema of a newer version is refused in one line, and left as it is', async () => {
  const url = await home.server().database();
  await (await openPostgresLedger({ url, tls: 'off' })).close();
  await ask(url, "insert into migrations values ('0003-later', '2027-01-01T00:00:00.000Z')");
  const before = await withClient(url, contents);
  await expect(openPostgresLedger({ url, tls: 'off' })).rejects.toThrow(/^.*newer version.*0003-later.*$/);
  expect(await withClient(url, contents)).toEqual(before);
});

test('looking makes no schema, and changes none', async () => {
  const url = await home.server().database();
  const looking = { url, tls: 'off', log: silentLog } as const;
  expect(await viewWholePostgres(looking)).toBeNull();
  expect(await withClient(url, contents)).toEqual([]);
  const ledger = await openPostgresLedger({ url, tls: 'off' });
  await ledger.counters.set('n', 1);
  await ledger.close();
  const whole = await viewWholePostgres(looking);
  expect(await whole?.count('counters')).toBe(1);
  await whole?.close();
  await ask(url, "delete from migrations where name = '0002-crew'");
  const before = await withClient(url, contents);
  await expect(viewWholePostgres(looking)).rejects.toThrow(/^This ledger was written by an older version/);
  expect(await withClient(url, contents)).toEqual(before);
});

test('the schema is there whole or not at all, wherever its making is cut off', async () => {
  let cuts = 0;
  // Every tenth place is enough: all of it is one transaction.
  for (let at = 2; ; at += 10) {
    const url = await home.server().database();
    const opened = await dying(url, at).then(
      () => true,
      () => false,
    );
    const tables = await ask<{ name: string }>(
      url,
      'select tablename as name from pg_tables where schemaname = current_schema()',
    );
    if (opened) break;
    cuts++;
    expect(tables).toEqual([]);
    const ledger = await openPostgresLedger({ url, tls: 'off' });
    await ledger.counters.set('works', 1);
    expect(await ledger.counters.read('works')).toBe(1);
    await ledger.close();
  }
  expect(cuts).toBeGreaterThan(3);
});

test('every text is compared by its bytes, every time and every growing key is wide', async () => {
  const columns = await ask<{ table: string; column: string; type: string; collation: string | null }>(
    home.url(),
    `select table_name as table, column_name as column, data_type as type, collation_name as collation
     from information_schema.columns where table_schema = current_schema() and table_name not like 'migrations%'`,
  );
  const texts = columns.filter(({ type }) => type === 'text');
  expect(texts.length).toBeGreaterThan(30);
  expect(texts.filter(({ collation }) => collation !== 'C')).toEqual([]);
  const wide = columns
    .filter(({ type }) => type === 'bigint')
    .map(({ table, column }) => `${table}.${column}`);
  expect(wide).toEqual(
    expect.arrayContaining(['outbox.entry', 'throttles.entry', 'people.key', 'links.attempted', 'tokens.at']),
  );
  // Four bytes less in each of millions of rows.
  const narrow = columns.filter(({ table, type }) => table === 'links' && type === 'integer');
  expect(narrow.map(({ column }) => column).toSorted()).toEqual(['person', 'place', 'revision']);
});
