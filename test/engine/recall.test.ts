import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TargetConfig } from '../../src/kit/config/scope.ts';
import { TENANT } from '../bench/service.ts';
import { snapshot, since, total } from '../tenant/counts.ts';
import { mailboxLicense, type User } from '../tenant/directory/objects.ts';
import { idsOf, Town } from './town.ts';

/** Until nothing can arrive any more, and the next look for what waits. */
const SETTLED_MS = 4 * 60_000;
const HOUR_MS = 3_600_000;

let town: Town;
let shown: User;
let owners: User[];
beforeEach(() => {
  town = new Town();
  shown = town.person();
  owners = Array.from({ length: 4 }, () => town.owner());
});
afterEach(() => town.close());

const all = (): TargetConfig => ({ kind: 'licensed' });
const only = (...some: readonly User[]): TargetConfig => ({
  kind: 'chosen',
  users: some.map(({ id }) => id),
});
const staff = (target: TargetConfig, guard = { count: 1_000, percent: 100 }) => ({
  source: { users: [shown.id] },
  target,
  guard,
});
const filled = (folder = 'staff'): User[] => owners.filter((owner) => town.shownTo(owner, folder) !== null);

describe('after the ledger was lost', () => {
  test('a mailbox that is to receive no longer is emptied, and one that is stays as it is', async () => {
    const [first, ...others] = owners;
    await town.configure({ staff: staff(all()) });
    expect(filled()).toEqual(owners);
    const kept = town.tenant.mailboxes.get(first?.id ?? '').folderNamed('staff');
    await town.loseLedger();
    const writes = town.writes();
    await town.configure({ staff: staff(only(...owners.slice(0, 1))) });
    await town.rest(SETTLED_MS);
    expect(filled()).toEqual([first]);
    expect(others.map(({ id }) => town.tenant.mailboxes.get(id).folderNamed('staff'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(town.tenant.mailboxes.get(first?.id ?? '').folderNamed('staff')).toBe(kept);
    // Folders go whole: not one contact was written.
    expect(town.writes()).toBe(writes);
    expect(
      await town.service.assembly.needs.ledger.mailboxes.of(
        TENANT,
        others.map(({ id }) => id),
      ),
    ).toEqual([]);
  });

  test('a job that was withdrawn is taken back, although nobody knows its name any more', async () => {
    await town.configure({ staff: staff(all()), phones: staff(all()) });
    expect(filled('phones')).toEqual(owners);
    await town.loseLedger();
    await town.configure({ staff: staff(all()) });
    await town.rest(SETTLED_MS);
    expect([filled('staff'), filled('phones')]).toEqual([owners, []]);
    const { ledger } = town.service.assembly.needs;
    await town.rest(SETTLED_MS);
    expect((await ledger.routes.all()).map(({ id }) => id)).toEqual(['staff']);
  });

  test('what its owner put into such a folder stays', async () => {
    const [first, second] = owners;
    await town.configure({ staff: staff(all()) });
    const mailbox = town.tenant.mailboxes.get(second?.id ?? '');
    const own = town.tenant.mailboxes.addContact(
      mailbox.userId,
      { displayName: 'Plumber' },
      mailbox.folderNamed('staff'),
    );
    await town.loseLedger();
    await town.configure({ staff: staff(first ? only(first) : all()) });
    await town.rest(SETTLED_MS);
    expect([...(mailbox.folderNamed('staff')?.items.values() ?? [])]).toEqual([own]);
  });

  test('the guard is asked, as for everybody who leaves', async () => {
    await town.configure({ staff: staff(all()) });
    await town.loseLedger();
    await town.configure({ staff: staff(only(...owners.slice(0, 1)), { count: 2, percent: 0 }) });
    await town.rest(SETTLED_MS);
    expect(filled()).toHaveLength(2);
    const { ledger } = town.service.assembly.needs;
    expect(await ledger.guard.held()).toMatchObject([{ kind: 'mailbox', job: 'staff' }]);
    await ledger.guard.approve('staff', town.clock.now());
    await town.rest(SETTLED_MS);
    expect(filled()).toEqual(owners.slice(0, 1));
  });

  test('each mailbox of the tenant is looked into once, 20 to a request', async () => {
    await town.configure({ staff: staff(only(...owners.slice(0, 1))) });
    await town.loseLedger();
    const before = snapshot(town.tenant.counts);
    await town.configure({ staff: staff(only(...owners.slice(0, 1))) });
    await town.rest(SETTLED_MS);
    await town.rest(HOUR_MS);
    // The one that receives is looked into by its fill as well.
    const people = owners.length + 1 + 1;
    expect(total(since(town.tenant.counts, before), 'GET users/{id}/contactFolders')).toBe(people);
  });

  test('a mailbox that the app may not enter is left alone, and neither parked nor asked again', async () => {
    const [first, second] = owners;
    town.tenant.mailboxes.setState(second?.id ?? '', 'out-of-scope');
    await town.configure({ staff: staff(only(...owners.slice(0, 1))) });
    await town.loseLedger();
    await town.configure({ staff: staff(first ? only(first) : all()) });
    await town.rest(SETTLED_MS);
    const before = snapshot(town.tenant.counts);
    await town.rest(2 * HOUR_MS);
    expect(await town.service.assembly.needs.ledger.mailboxes.parked()).toEqual([]);
    expect(total(since(town.tenant.counts, before), 'GET users/{id}/contactFolders')).toBe(0);
  });

  test('a mailbox that was away comes back later, and is looked into then', async () => {
    const [first, second] = owners;
    await town.configure({ staff: staff(all()) });
    const { directory } = town.tenant;
    await town.loseLedger();
    directory.updateUser(second?.id ?? '', { assignedLicenses: [] });
    await town.configure({ staff: staff(first ? only(first) : all()) });
    await town.rest(SETTLED_MS);
    expect(filled()).toEqual([first, second]);
    await town.rest(2 * HOUR_MS);
    directory.updateUser(second?.id ?? '', { assignedLicenses: [mailboxLicense] });
    await town.rest(2 * HOUR_MS);
    expect(filled()).toEqual([first]);
  });
});

test('a mailbox that is parked is looked into when it is tried again, and until then no work counts as failing', async () => {
  const [first] = owners;
  await town.configure({ staff: staff(all()) });
  await town.loseLedger();
  town.tenant.mailboxes.setState(first?.id ?? '', 'out-of-scope');
  await town.configure({ staff: staff(all()) });
  await town.rest(SETTLED_MS);
  const { ledger, failing } = town.service.assembly.needs;
  expect((await ledger.mailboxes.parked()).map(({ owner }) => owner)).toEqual([first?.id]);
  expect([...failing]).toEqual([]);
  town.tenant.mailboxes.setState(first?.id ?? '', 'ok');
  await town.rest(HOUR_MS + SETTLED_MS);
  expect(await ledger.mailboxes.parked()).toEqual([]);
  expect(filled()).toEqual(owners);
});

test('while nothing is lost nobody is searched', async () => {
  const [first] = owners;
  await town.configure({ staff: staff(first ? only(first) : all()) });
  const before = snapshot(town.tenant.counts);
  await town.rest(SETTLED_MS);
  town.tenant.directory.updateUser(shown.id, { jobTitle: 'New' });
  await town.rest(2 * HOUR_MS);
  expect(total(since(town.tenant.counts, before), 'GET users/{id}/contactFolders')).toBe(0);
  expect(town.shownTo(first ?? shown)).toEqual(idsOf(shown));
});
