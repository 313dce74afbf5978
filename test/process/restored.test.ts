import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foreignContacts } from './bystanders.ts';
import { MAILBOXES, type Household } from './household.ts';
import { openHousehold } from './open-household.ts';

let home: Household;
beforeEach(async () => {
  home = await openHousehold();
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
  await home.stop();
});
afterEach(async () => {
  await home.untilQuiet();
  expect(home.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
  expect([...home.tenant.mailboxes.all()].map(({ folders }) => folders.size)).toEqual([1, 1, 1]);
  expect(home.tenant.oracles.violations).toEqual([]);
  await home.close();
});

/** Without these nobody is shown. */
const REACHABLE = { surname: 'Somebody', mobilePhone: '+49 171 5556667' };

const isRight = (): boolean => home.compare().divergences.length === 0;

describe('the ledger is lost between two runs', () => {
  test('what is right is not written, what changed is, and nobody is there twice', async () => {
    const foreign = foreignContacts(home.tenant);
    const items = new Set(home.population.owners.flatMap(({ id }) => [...home.folderOf(id).items.keys()]));
    await home.stores.loseLedger();
    const { directory } = home.tenant;
    const changed = home.somebody();
    home.unnoticed(() => directory.updateUser(changed.id, { mobilePhone: '+49 151 4445556' }));
    const before = home.writes();
    await home.start();
    await home.untilAfterAWhile(isRight);
    await home.untilQuiet();
    expect(home.writes() - before).toBe(MAILBOXES);
    const now = home.population.owners.flatMap(({ id }) => [...home.folderOf(id).items.keys()]);
    expect(now.filter((key) => !items.has(key))).toEqual([]);
    expect(foreignContacts(home.tenant)).toEqual(foreign);
  });

  test('who left meanwhile goes, who joined comes', async () => {
    await home.stores.loseLedger();
    const { directory } = home.tenant;
    const left = home.somebody();
    home.unnoticed(() => {
      directory.deleteUser(left.id);
      directory.addMember(
        home.population.source.id,
        directory.addUser({ displayName: 'Joined Meanwhile', ...REACHABLE }).id,
      );
    });
    const before = home.writes();
    await home.start();
    // Who stands only in folders is looked at with the next minute's work.
    await home.untilAfterAWhile(isRight);
    await home.untilQuiet();
    expect(home.writes() - before).toBe(2 * MAILBOXES);
  });
});

describe('the ledger is restored from an older copy', () => {
  beforeEach(() => home.stores.copyLedger());

  test('A, B, and A again: every mailbox shows A, nobody twice', async () => {
    const { directory } = home.tenant;
    const [changed, left, disabled] = [home.somebody(), home.somebody(), home.somebody()];
    await home.start();
    directory.updateUser(changed.id, { mobilePhone: '+49 151 6667778', jobTitle: 'B' });
    directory.updateUser(disabled.id, { accountEnabled: false });
    directory.deleteUser(left.id);
    const joined = directory.addUser({ displayName: 'Joined After The Copy', ...REACHABLE });
    directory.addMember(home.population.source.id, joined.id);
    await home.untilRight();
    await home.untilQuiet();
    await home.stop();

    home.unnoticed(() => {
      directory.updateUser(changed.id, { mobilePhone: changed.mobilePhone, jobTitle: changed.jobTitle });
      directory.updateUser(disabled.id, { accountEnabled: true });
    });
    await home.stores.restoreLedger();
    await home.start();
    await home.untilAfterAWhile(isRight);
    await home.untilQuiet();
    for (const { id } of home.population.owners) {
      expect(home.contactOf(id, changed.id).content.fields['jobTitle'] ?? null).toBe(changed.jobTitle);
      expect(home.contactOf(id, joined.id).content.fields['displayName']).toBe('Joined After The Copy');
      expect(() => home.contactOf(id, left.id)).toThrow(/^0 contacts/);
    }
  });

  test('back at A before the next run: the folders show A already, and only the ledger learns it', async () => {
    const { directory } = home.tenant;
    const { id, jobTitle } = home.somebody();
    await home.start();
    for (const title of ['B', jobTitle]) {
      directory.updateUser(id, { jobTitle: title });
      await home.untilRight();
    }
    await home.untilQuiet();
    await home.stop();
    await home.stores.restoreLedger();
    const before = home.writes();
    await home.start();
    await home.untilQuiet();
    expect(home.writes()).toBe(before);
    expect(home.compare().divergences).toEqual([]);
  });
});
