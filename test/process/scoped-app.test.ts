import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNeighbours, type Neighbours } from './neighbours.ts';

let home: Neighbours;
beforeAll(async () => {
  // Exchange grants Contacts.ReadWrite for some mailboxes: no token names it.
  home = await openNeighbours({ people: 8, mailboxes: 3 }, { exchangeScoped: true });
});
afterAll(() => home.close());

test('an app that Exchange limits to some mailboxes works in those, and parks the others with the reason', async () => {
  const { tenant, population } = home.contoso;
  const [, claims = ''] = tenant.issueToken().split('.');
  const { roles } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { roles: string[] };
  expect(roles).toEqual(['Group.Read.All', 'User.Read.All']);
  const [outside = ''] = population.owners.map(({ id }) => id);
  tenant.mailboxes.setState(outside, 'out-of-scope');
  const service = await home.open();
  try {
    await service.syncOnce(new AbortController().signal);
  } finally {
    await service.close();
  }
  const { parked } = await home.status();
  expect(parked).toMatchObject([{ tenant: 'contoso', mailbox: outside, reason: 'ErrorAccessDenied' }]);
  expect(home.contoso.compare()).toMatchObject({ divergences: [], duplicates: 0 });
  expect(home.fabrikam.compare().divergences).toEqual([]);
});
