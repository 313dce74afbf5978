import { describe, expect, test } from 'vitest';
import { createBodies } from '../../src/engine/bodies.ts';
import { handleChanges } from '../../src/engine/changes.ts';
import { changeMessage, newChange } from '../../src/engine/send.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { openBenchTop, present, SOURCE, TENANT, type BenchTop } from './bench-top.ts';

const PRIVACY = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const NUMBER = '+491511110000';
const withholding = mappingOf(`optOut: [{ fields: [mobilePhone], groups: [${PRIVACY}] }]`);

/** These groups have been read, and hold ann. */
async function annIsIn(top: BenchTop, groups: readonly string[]): Promise<void> {
  const joined = [{ id: 'ann', kind: 'person' as const }];
  await top.needs.ledger.memberships.apply({
    tenant: TENANT,
    bundle: groups.join(),
    groups,
    full: true,
    differences: groups.map((group) => ({ group, gone: false, joined, left: [] })),
    token: 't',
    at: 1,
  });
  await top.needs.ledger.outbox.sent((await top.needs.ledger.outbox.read(1_000)).map((entry) => entry.entry));
}

async function lookAtAnn(top: BenchTop): Promise<void> {
  const { needs } = top;
  const change = newChange({ kind: 'user', tenant: TENANT, id: 'ann' }, 'notification', needs.clock.now());
  await needs.changes.send([changeMessage(change)]);
  await handleChanges(needs, await needs.changes.take({ keys: 100, messages: 10 }), async () => {});
}

async function openWithAnn(): Promise<BenchTop> {
  const top = await openBenchTop({}, undefined, withholding);
  top.people.set('ann', present('ann', { mobilePhone: NUMBER }));
  return top;
}

describe('somebody who may have opted out', () => {
  test('is not shown before every group has been read', async () => {
    const top = await openWithAnn();
    await annIsIn(top, [SOURCE]);
    await lookAtAnn(top);
    expect(await top.needs.ledger.cards.of(TENANT, ['ann'])).toEqual([]);
    // Kept, and tried again: not taken for done.
    expect(await top.waiting()).toBe(1);
    await annIsIn(top, [PRIVACY]);
    await top.clock.run(top.clock.now() + 10_000);
    await lookAtAnn(top);
    expect(await top.needs.ledger.cards.of(TENANT, ['ann'])).toMatchObject([{ state: 'shown' }]);
  });

  test('is shaped for their groups also when the body is read anew', async () => {
    const top = await openWithAnn();
    await annIsIn(top, [SOURCE, PRIVACY]);
    await lookAtAnn(top);
    const cards = await top.needs.ledger.cards.of(TENANT, ['ann']);
    const [route] = top.needs.routes;
    if (!route) throw new Error('The bench top has a route.');
    const bodies = await createBodies(top.needs).of(route, cards);
    expect([...bodies.values()]).toMatchObject([{ displayName: 'A name', mobilePhone: null }]);
  });
});
