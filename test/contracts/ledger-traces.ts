import { expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { TracedLook } from '../../src/engine/trace-port.ts';
import { TENANT } from './ledger-setup.ts';

function look(object: string, more: Partial<TracedLook> = {}): TracedLook {
  return {
    changes: [`id-of-${object}`],
    kind: 'user',
    object,
    causes: ['notification'],
    outcome: 'new',
    fault: '',
    ...more,
  };
}

/** What became of events before something was written. */
export function tracesContract(fresh: () => Promise<Ledger>): void {
  const all = { before: null, since: 0 };

  test('looks come back as they were added, the newest first, from any portion on', async () => {
    const { traces } = await fresh();
    const second = [
      look('bob', { changes: ['a', 'b'], causes: ['sweep', 'stale'], outcome: 'failed', fault: 'throttled' }),
      look('G', { kind: 'group', causes: [], outcome: 'nothing' }),
    ];
    await traces.add(TENANT, 10, [look('ann')]);
    await traces.add('fabrikam', 20, second);
    await traces.add(TENANT, 30, []);
    const found = await traces.portions(all);
    expect(found.map(({ at, tenant, looks }) => ({ at, tenant, looks }))).toEqual([
      { at: 20, tenant: 'fabrikam', looks: second },
      { at: 10, tenant: TENANT, looks: [look('ann')] },
    ]);
    const [newest] = found.map(({ portion }) => portion);
    expect((await traces.portions({ ...all, before: newest ?? 0 })).map(({ at }) => at)).toEqual([10]);
    expect((await traces.portions({ before: null, since: 11 })).map(({ at }) => at)).toEqual([20]);
  });

  test('looks are forgotten when they are old, and nothing else', async () => {
    const { traces } = await fresh();
    for (const at of [10, 20, 30]) await traces.add(TENANT, at, [look('ann')]);
    await traces.forgetBefore(20);
    expect((await traces.portions(all)).map(({ at }) => at)).toEqual([30, 20]);
    await traces.forgetBefore(5);
    expect(await traces.portions(all)).toHaveLength(2);
  });

  test('the record tells on whose behalf something was written, and knows entries of before', async () => {
    const { record } = await fresh();
    const write = {
      operation: 'patch',
      mailbox: 'o',
      route: 'staff',
      item: 'i',
      identity: 'ann',
      outcome: 'done',
    };
    const writes = [
      { ...write, fields: [], changes: ['a', 'b'] },
      { ...write, fields: ['jobTitle'], changes: [] },
    ];
    await record.add(TENANT, 10, writes);
    expect((await record.portions(all)).flatMap((portion) => portion.writes)).toEqual(writes);
  });
}
