import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { silentLog, type Log } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { contents, faultyDatabase } from './faulty-database.ts';
import { MIGRATIONS } from './migrations.ts';

describe('the schema', () => {
  test('is made once, and opening again changes nothing', async () => {
    const database = new SqliteDatabase(':memory:');
    const lines: unknown[] = [];
    const log: Log = { ...silentLog, tell: (event, keys) => void lines.push({ event, ...keys }) };
    await openLedger({ database, log });
    expect(lines).toEqual(
      MIGRATIONS.map((migration) => ({
        event: 'ledger-migrated',
        migration,
      })),
    );
    const before = contents(database);
    expect(Object.keys(before)).toContain('links');
    const version = database.prepare('select total_changes()').pluck().get();
    await openLedger({ database, log });
    expect(contents(database)).toEqual(before);
    expect(database.prepare('select total_changes()').pluck().get()).toBe(version);
    expect(lines).toHaveLength(7);
  });

  test('of a newer version is refused in one line, and left as it is', async () => {
    const database = new SqliteDatabase(':memory:');
    await openLedger({ database });
    database.exec("insert into migrations values ('0004-later', '2027-01-01T00:00:00.000Z')");
    const before = contents(database);
    const refusal = await openLedger({ database }).then(
      () => 'opened',
      (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
    );
    expect(refusal).toMatch(/^.*newer version.*0004-later.*$/);
    expect(contents(database)).toEqual(before);
  });

  test('is there whole or not at all, wherever its making is cut off', async () => {
    let cuts = 0;
    for (let at = 1; ; at++) {
      const database = new SqliteDatabase(':memory:');
      const trouble = { at, dead: true, count: 0 };
      const opened = await openLedger({ database: faultyDatabase(database, trouble) }).then(
        () => true,
        () => false,
      );
      if (opened) break;
      cuts++;
      const ledger = await openLedger({ database });
      await ledger.counters.set('works', 1);
      expect(await ledger.counters.read('works')).toBe(1);
      expect(contents(database)).toHaveProperty('links', []);
      database.close();
    }
    expect(cuts).toBeGreaterThan(15);
  });
});
