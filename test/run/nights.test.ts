import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.ts';
import { createNights } from '../../src/run/nights.ts';
import { untilSweep } from '../../src/run/sweep-time.ts';

const TWO = { hour: 2, minute: 0, timeZone: 'UTC' };

test('a night is made up for when its hour passed while nobody did its work, and not before, nor by a new tenant', async () => {
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  let now = 0;
  let spent: string[] = [];
  const of = (isPartial: boolean) =>
    createNights({
      ledger,
      clock: { now: () => now },
      untilSweep: (from) => untilSweep(TWO, from),
      work: async (tenant) => spent.push(tenant),
      isPartial,
    });
  const nights = of(false);
  const madeUp = async (time: string, tenant = 'contoso', by = nights): Promise<string[]> => {
    now = Date.parse(time);
    spent = [];
    await by.makeUp(tenant);
    return spent;
  };
  expect(await madeUp('2026-11-20T01:00:00Z')).toEqual([]);
  expect(await madeUp('2026-11-20T01:59:59Z')).toEqual([]);
  expect(await madeUp('2026-11-20T02:00:01Z')).toEqual(['contoso']);
  expect(await madeUp('2026-11-20T12:00:00Z')).toEqual([]);
  expect(await madeUp('2026-11-20T12:00:00Z', 'fabrikam')).toEqual([]);
  // Of some jobs it is nobody else's night.
  expect(await madeUp('2026-11-23T09:00:00Z', 'contoso', of(true))).toEqual(['contoso']);
  expect(await madeUp('2026-11-23T09:00:00Z')).toEqual(['contoso']);
  await nights.spend('contoso');
  expect(await madeUp('2026-11-23T10:00:00Z')).toEqual([]);
  await ledger.close();
});
