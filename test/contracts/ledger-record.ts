import { expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { RecordedWrite } from '../../src/engine/record-port.ts';
import { TENANT } from './ledger-setup.ts';

function write(identity: string | null, more: Partial<RecordedWrite> = {}): RecordedWrite {
  return {
    operation: 'patch',
    mailbox: 'owner',
    route: 'staff',
    item: `item-of-${identity}`,
    identity,
    fields: ['displayName', 'mobilePhone'],
    outcome: 'done',
    changes: [],
    ...more,
  };
}

/** What was sent to mailboxes, and what came of it. */
export function recordContract(fresh: () => Promise<Ledger>): void {
  const all = { before: null, since: 0 };

  test('the record gives back what was added, the newest first, from any portion on', async () => {
    const { record } = await fresh();
    const second = [write('bob', { item: null, fields: [], outcome: 'throttled' }), write(null)];
    await record.add(TENANT, 10, [write('ann')]);
    await record.add('fabrikam', 20, second);
    await record.add(TENANT, 30, []);
    const found = await record.portions(all);
    expect(found.map(({ at, tenant, writes }) => ({ at, tenant, writes }))).toEqual([
      { at: 20, tenant: 'fabrikam', writes: second },
      { at: 10, tenant: TENANT, writes: [write('ann')] },
    ]);
    const [newest, oldest] = found.map(({ portion }) => portion);
    expect((await record.portions({ ...all, before: newest ?? 0 })).map(({ at }) => at)).toEqual([10]);
    expect(await record.portions({ ...all, before: oldest ?? 0 })).toEqual([]);
    expect((await record.portions({ before: null, since: 11 })).map(({ at }) => at)).toEqual([20]);
  });

  test('the record forgets what is old, and nothing else', async () => {
    const { record } = await fresh();
    for (const at of [10, 20, 30]) await record.add(TENANT, at, [write('ann')]);
    await record.forgetBefore(20);
    expect((await record.portions(all)).map(({ at }) => at)).toEqual([30, 20]);
    await record.forgetBefore(5);
    expect(await record.portions(all)).toHaveLength(2);
  });

  test('more portions than are read at a time are all found', async () => {
    const { record } = await fresh();
    const portions = 250;
    for (let at = 1; at <= portions; at += 1) await record.add(TENANT, at, [write('ann')]);
    const seen: number[] = [];
    for (let before: number | null = null; ;) {
      const some = await record.portions({ before, since: 0 });
      const last = some.at(-1);
      if (!last) break;
      before = last.portion;
      seen.push(...some.map(({ at }) => at));
    }
    expect(seen).toEqual(Array.from({ length: portions }, (_, index) => portions - index));
  });
}
