import { expect, test } from 'vitest';
import { handleChanges } from '../../src/engine/changes.ts';
import { sendOutstanding } from '../../src/engine/outbox.ts';
import { openBenchTop, TENANT } from './bench-top.ts';

test('people that only a folder knows are counted by the guard like any others', async () => {
  const { needs, people } = await openBenchTop();
  const { ledger } = needs;
  const [route] = needs.routes;
  const [orphans, admitted] = [33, 20];
  // Every tracked group was read, and nobody is in one.
  const [tracked] = await ledger.memberships.tracked(TENANT);
  const groups = [tracked?.group ?? ''];
  await ledger.memberships.apply({
    tenant: TENANT,
    bundle: 'all',
    groups,
    full: true,
    differences: [],
    token: 'next',
    at: 0,
  });
  await ledger.mailboxes.join(TENANT, 'owner', route?.key ?? 0);
  const [place] = await ledger.places.ofSlab(TENANT, 0);
  const found = Array.from({ length: orphans }, (_, number) => {
    const identity = `orphan-${number}`;
    people.set(identity, { kind: 'absent', proven: true });
    return { identity, item: `item-${number}`, fingerprint: '00'.repeat(8), origin: 'created' as const };
  });
  await ledger.links.rebuild(place ?? { place: 0, epoch: 0 }, found);
  expect(await ledger.cards.count(route?.key ?? 0)).toMatchObject({ held: orphans });
  await sendOutstanding(needs);
  await handleChanges(needs, await needs.changes.take({ keys: 100, messages: 10 }), async () => {});
  expect(await ledger.guard.held()).toHaveLength(orphans - admitted);
  expect(await ledger.cards.count(route?.key ?? 0)).toMatchObject({
    gone: admitted,
    held: orphans - admitted,
  });
});
