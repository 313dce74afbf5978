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
  expect(tenant.denials).toEqual(new Map());
});

test('the same app sweeps, audits and reverts: nothing asks for a permission that no token names', async () => {
  const { tenant, population } = home.fabrikam;
  const never = new AbortController().signal;
  const service = await home.open();
  try {
    tenant.directory.updateUser(population.people.at(-1)?.id ?? '', { jobTitle: 'Swept' });
    expect(await service.sweep(never)).toMatchObject({ found: 1 });
    expect(home.fabrikam.compare().divergences).toEqual([]);
    const { mailboxes } = await service.audit(never, { full: true });
    const job = 'fabrikam-staff';
    expect(mailboxes.filter((one) => one.job === job).map(({ equal }) => equal)).toEqual([true, true, true]);
    expect(await service.revert(job, never)).toMatchObject({ left: 0, mailboxes: 3 });
  } finally {
    await service.close();
  }
  expect(tenant.denials).toEqual(new Map());
});
