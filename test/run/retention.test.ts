import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Needs } from '../../src/engine/needs.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { createKeeper } from '../../src/run/keeper.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const DAY = 86_400_000;

test('old writes leave the record with every start, also where nothing runs for long, as soon as all agree', async () => {
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const write = {
    operation: 'remove',
    mailbox: 'owner',
    route: 'staff',
    identity: 'ann',
    fields: [],
    changes: [],
  };
  for (const at of [DAY, 50 * DAY])
    await ledger.record.add('contoso', at, [{ ...write, item: `item-${at / DAY}`, outcome: 'done' }]);
  const parts = { ledger, clock: new VirtualClock({ now: 60 * DAY }), routes: [], sources: new Map() };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- to prepare without routes takes nothing else
  const needs = parts as unknown as Needs;
  const prepare = async (agrees: boolean, recordMs?: number): Promise<(string | null)[]> => {
    const keeper = createKeeper({
      needs,
      routes: [],
      configured: [],
      adopt: () => {},
      ...(recordMs === undefined ? {} : { recordMs }),
      subscriptions: [],
      outstandingMs: 1,
      subscriptionCheckMs: 1,
      pollMs: 1,
      auditNights: null,
      untilSweep: () => 1,
      agrees: () => agrees,
    });
    await keeper.prepare();
    const portions = await ledger.record.portions({ before: null, since: 0 });
    return portions.flatMap(({ writes }) => writes.map(({ item }) => item));
  };
  expect(await prepare(true)).toEqual(['item-50', 'item-1']);
  expect(await prepare(false, 30 * DAY)).toEqual(['item-50', 'item-1']);
  expect(await prepare(true, 30 * DAY)).toEqual(['item-50']);
  expect(await prepare(true, 0)).toEqual([]);
  await ledger.close();
});
