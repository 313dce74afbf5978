import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.ts';
import { StatementCache } from '../../src/ledger/sqlite/statement-cache.ts';
import { show, saveRoute } from '../contracts/ledger-setup.ts';

describe('kept statements', () => {
  test('are prepared once, whatever the length of the lists', async () => {
    const database = new SqliteDatabase(':memory:');
    const ledger = await openLedger({ database });
    const route = await saveRoute(ledger);
    await show(ledger, route, ['ann']);
    let prepared = 0;
    const prepare = database.prepare.bind(database);
    database.prepare = (text: string) => {
      prepared++;
      return prepare(text);
    };
    for (let size = 1; size < 30; size++) {
      await show(
        ledger,
        route,
        Array.from({ length: size }, (_, index) => `person-${index}`),
      );
    }
    expect(prepared).toBe(0);
  });

  test('are bounded, the oldest going first', () => {
    const database = new SqliteDatabase(':memory:');
    const texts: string[] = [];
    const cache = new StatementCache((text) => {
      texts.push(text);
      return database.prepare(text);
    });
    for (let number = 0; number < 300; number++) cache.prepare(`select ${number}`);
    cache.prepare('select 299');
    expect(texts).toHaveLength(300);
    cache.prepare('select 0');
    expect(texts).toHaveLength(301);
  });
});
