import { afterEach, describe, expect, test } from 'vitest';
import { plan, readStatus } from '../../src/run/wire.ts';
import type { MailContact } from '../tenant/exchange/contact.ts';
import type { User } from '../tenant/directory/objects.ts';
import { openPair, surroundingsOf, type Pair } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

const somebody = (place?: number): User => pair.somebody(place);
const contactOf = (person: Pick<User, 'id'>): MailContact | undefined => pair.contactOf(person);
const contacts = (): readonly MailContact[] => pair.contacts();
const never = new AbortController().signal;

describe('people of one tenant in Exchange of another', () => {
  test('a first run makes a contact of each, and a second one finds nothing to do', async () => {
    pair = await openPair();
    const first = await pair.sync();
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
    expect(first.contacts).toBe(pair.compare().contacts);
    const second = await pair.sync();
    expect(second).toMatchObject({ writes: 0, waiting: 0, failing: 0 });
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test('servers that learn of a write minutes apart make no second contact, and none is given up', async () => {
    pair = await openPair({ exchange: { lagMs: 120_000, releaseMs: 60_000 } });
    await pair.sync();
    for (let round = 0; round < 4 && pair.compare().divergences.length > 0; round += 1) await pair.sync();
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
  });

  test('a ledger that was lost is rebuilt from the marks, and nothing is written twice', async () => {
    pair = await openPair();
    await pair.sync();
    await pair.loseLedger();
    const again = await pair.sync();
    expect(again.writes).toBe(0);
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0 });
  });

  test('pages are followed to their end', async () => {
    pair = await openPair({ people: 40, exchange: { pageSize: 7 } });
    await pair.sync();
    await pair.loseLedger();
    expect((await pair.sync()).writes).toBe(0);
    expect(pair.compare().divergences).toEqual([]);
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test.each([400, 500] as const)('a conflict under %i is a conflict', async (conflictStatus) => {
    pair = await openPair({ exchange: { conflictStatus, notFoundStatus: 500 } });
    pair.fabrikam.exchange.recipients.furnish({ name: 'Supplier', address: somebody().mail ?? '' });
    expect(await pair.sync()).toMatchObject({ blocked: 1, dead: 0 });
    expect(pair.compare()).toMatchObject({ divergences: [], foreignTouched: 0 });
  });

  test('two people who exchange their addresses get each other’s in the end', async () => {
    pair = await openPair();
    await pair.sync();
    const [one, other] = [somebody(1), somebody(2)];
    pair.contoso.directory.updateUser(one.id, { mail: other.mail, proxyAddresses: [] });
    pair.contoso.directory.updateUser(other.id, { mail: one.mail, proxyAddresses: [] });
    // Neither is free before the other is given up: an administrator frees one.
    await pair.sync();
    expect(contactOf(one)?.address).toBe(one.mail);
    pair.contoso.directory.updateUser(one.id, { mail: 'between@contoso.example' });
    await pair.sync();
    await pair.sync();
    expect(contactOf(other)?.address).toBe(one.mail);
    expect(pair.compare().divergences).toEqual([]);
  });

  test('what somebody changed there is put right by the audit, and what is not ours stays', async () => {
    pair = await openPair();
    await pair.sync();
    const { recipients } = pair.fabrikam.exchange;
    const [changed, deleted] = [contactOf(somebody(1)), contactOf(somebody(2))];
    recipients.change(changed?.guid ?? '', { displayName: 'Changed', personal: {} });
    recipients.remove(deleted?.guid ?? '');
    const report = await pair.with((service) => service.audit(never, { full: true }));
    expect(report.mailboxes[0]?.found).toMatchObject({ missing: 1, changed: 1 });
    expect(report.equal).toBe(true);
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
  });

  test('a suffix is one template, and goes as it came', async () => {
    pair = await openPair();
    await pair.sync({ job: { fields: { displayName: '{displayName} (Contoso)' } } });
    expect(pair.compare({ suffix: ' (Contoso)' }).divergences).toEqual([]);
    await pair.sync();
    expect(pair.compare().divergences).toEqual([]);
  });

  test('custom attributes and the hidden flag follow their person, and are cleared with them', async () => {
    const fields = {
      customAttribute3: 'extensionAttribute1',
      hidden: 'extensionAttribute2',
      fax: 'faxNumber',
    };
    pair = await openPair({ job: { fields } });
    const { directory } = pair.contoso;
    const set = (first: string | null, second: string | null): void =>
      void directory.updateUser(somebody().id, {
        faxNumber: first,
        onPremisesExtensionAttributes: { extensionAttribute1: first, extensionAttribute2: second },
      });
    set('blue', 'true');
    await pair.sync();
    expect(contactOf(somebody())).toMatchObject({
      hidden: true,
      custom: { CustomAttribute3: 'blue' },
      personal: { Fax: 'blue' },
    });
    set(null, null);
    await pair.sync();
    expect(contactOf(somebody())?.hidden).toBe(false);
    expect(contactOf(somebody())?.custom).not.toHaveProperty('CustomAttribute3');
    expect(contactOf(somebody())?.personal).not.toHaveProperty('Fax');
  });
});

describe('orders of an administrator', () => {
  test('revert takes back everything that was made, and leaves what others did', async () => {
    pair = await openPair();
    const { recipients } = pair.fabrikam.exchange;
    recipients.furnish({ name: 'Supplier', address: 'supplier@adatum.example' });
    await pair.sync();
    const report = await pair.with((service) => service.revert('partners', never));
    expect(report).toMatchObject({ left: 0, mailboxes: 1 });
    expect(contacts().map(({ name }) => name)).toEqual(['Supplier']);
  });

  test('a job that leaves the configuration takes its contacts along', async () => {
    pair = await openPair();
    await pair.sync();
    await pair.sync({ withoutJob: true });
    expect(contacts()).toEqual([]);
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test('whoever comes back within the grace was never gone', async () => {
    pair = await openPair({ job: { grace: '10m' } });
    await pair.sync();
    const before = contactOf(somebody())?.guid;
    pair.contoso.directory.updateUser(somebody().id, { accountEnabled: false });
    await pair.sync();
    pair.contoso.directory.updateUser(somebody().id, { accountEnabled: true });
    await pair.sync();
    pair.clock.leap(60_000);
    await pair.sync();
    expect(contactOf(somebody())?.guid).toBe(before);
    expect(pair.compare().divergences).toEqual([]);
  });

  test('a plan says what would be made, and writes nothing', async () => {
    pair = await openPair();
    const { jobs } = await plan(pair.config, surroundingsOf(pair));
    expect(jobs[0]).toMatchObject({ job: 'partners', create: pair.expected, remove: 0, mailboxes: 1 });
    expect(contacts()).toEqual([]);
    await pair.sync();
    const after = await plan(pair.config, surroundingsOf(pair));
    expect(after.jobs[0]).toMatchObject({ create: 0, change: 0, remove: 0, look: 0 });
  });
});

describe('Exchange’s door', () => {
  test('a tenant that moved is followed to its own host', async () => {
    pair = await openPair({ exchange: { movedTo: 'https://eur01.outlook.office365.com' } });
    await pair.sync();
    expect(pair.compare().divergences).toEqual([]);
  });

  test('a redirect to anywhere else is not followed: the token stays at home', async () => {
    pair = await openPair({ exchange: { movedTo: 'https://outlook.office365.com.evil.example' } });
    await pair.sync();
    expect(contacts()).toEqual([]);
    expect(pair.hosts()).not.toContain('outlook.office365.com.evil.example');
  });

  test('Exchange that cannot be reached ends a run in the end, and the next one goes on', async () => {
    pair = await openPair();
    pair.exchangeIs('away');
    expect((await pair.sync()).waiting).toBeGreaterThan(0);
    pair.exchangeIs('here');
    await pair.sync();
    expect(pair.compare().divergences).toEqual([]);
  });

  test('an app that may not run a cmdlet is told so by status', async () => {
    pair = await openPair({ exchange: { cmdlets: ['Get-MailContact', 'Get-Contact', 'Get-Recipient'] } });
    await pair.sync();
    expect(contacts()).toEqual([]);
    expect((await readStatus(pair.config)).parked.map(({ reason }) => reason)).toEqual(['CmdletNotAllowed']);
  });
});
