import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger, openLedgerFile } from '../../src/ledger/open.ts';
import { saveRoute, show, TENANT } from '../contracts/ledger-setup.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a ledger over a handle that another ledger used', () => {
  test('rolls back what that one left open, and that one writes no more', async () => {
    const database = new SqliteDatabase(':memory:');
    const dropped = await openLedger({ database });
    const route = await saveRoute(dropped);
    // Somewhere between its statements: the call has begun and not committed.
    const late = show(dropped, route, ['ann', 'bob']);
    while (!database.inTransaction) await Promise.resolve();
    const ledger = await openLedger({ database });
    await expect(late).rejects.toMatchObject({ kind: 'lease-lost' });
    await expect(dropped.counters.add('late', 1)).rejects.toMatchObject({ kind: 'lease-lost' });
    expect(database.inTransaction).toBe(false);
    expect(await ledger.routes.all()).toEqual([route]);
    expect(await ledger.cards.of(TENANT, ['ann', 'bob'])).toEqual([]);
    expect(await ledger.counters.read('late')).toBe(0);
  });

  test('never lets a late statement of that one into its own transaction', async () => {
    const database = new SqliteDatabase(':memory:');
    const dropped = await openLedger({ database });
    const route = await saveRoute(dropped);
    const late = [
      show(dropped, route, ['late-1']),
      dropped.counters.add('late', 1),
      show(dropped, route, ['late-2']),
    ];
    const ledger = await openLedger({ database });
    const [outcomes] = await Promise.all([Promise.allSettled(late), show(ledger, route, ['mine'])]);
    expect(outcomes.filter((outcome) => outcome.status === 'rejected').length).toBeGreaterThan(0);
    const names = (await ledger.cards.of(TENANT, ['late-1', 'late-2', 'mine'])).map((card) => card.identity);
    expect(names).toContain('mine');
    expect(names.length).toBe(
      1 + outcomes.filter((outcome, index) => index !== 1 && outcome.status === 'fulfilled').length,
    );
  });

  test('leaves the handle open when it is closed', async () => {
    const database = new SqliteDatabase(':memory:');
    const first = await openLedger({ database });
    await first.counters.set('kept', 7);
    await first.close();
    expect(database.open).toBe(true);
    const second = await openLedger({ database });
    expect(await second.counters.read('kept')).toBe(7);
  });
});

describe('a ledger in a file', () => {
  test('is durable at every commit', async () => {
    const path = joinPath(folder, 'ledger.db');
    const ledger = await openLedgerFile({ path });
    await saveRoute(ledger);
    await ledger.close();
    const database = new SqliteDatabase(path);
    await openLedger({ database });
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    database.close();
  });

  test('may be read and written by a second program beside the first', async () => {
    const path = joinPath(folder, 'ledger.db');
    const [service, command] = [await openLedgerFile({ path }), await openLedgerFile({ path })];
    await service.counters.add('n', 1);
    await command.counters.add('n', 1);
    expect([await service.counters.read('n'), await command.counters.read('n')]).toEqual([2, 2]);
    await Promise.all([service.close(), command.close()]);
  });

  test('waits for the other program instead of failing, also after it has read', async () => {
    const path = joinPath(folder, 'ledger.db');
    const ledger = await openLedgerFile({ path });
    const other = new SqliteDatabase(path, { timeout: 0 });
    const route = await saveRoute(ledger);
    const late = show(ledger, route, ['ann']);
    // The lock is taken when the transaction begins, so the other one never slips in between reading and writing.
    let refused = false;
    for (let turn = 0; turn < 200 && !refused; turn++) {
      await Promise.resolve();
      try {
        other.exec('begin immediate; rollback');
      } catch {
        refused = true;
      }
    }
    expect(refused).toBe(true);
    expect(await late).toHaveLength(1);
    other.close();
    await ledger.close();
  });

  test('gives the file back', async () => {
    const path = joinPath(folder, 'ledger.db');
    const ledger = await openLedgerFile({ path });
    await ledger.close();
    await expect(ledger.counters.read('n')).rejects.toThrow(/destroyed/);
  });
});
