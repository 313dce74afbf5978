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

describe('who was there before', () => {
  test.each([
    ['mail', (address: string) => ({ mail: address })],
    ['otherMails', (address: string) => ({ mail: null, otherMails: [address] })],
    ['proxyAddresses', (address: string) => ({ mail: null, proxyAddresses: [`smtp:${address}`] })],
  ])('a guest with the address in %s keeps it, and status says so', async (_where, having) => {
    pair = await openPair();
    const userPrincipalName = 'guest_contoso#EXT#@fabrikam.example';
    pair.fabrikam.directory.addUser({
      userType: 'Guest',
      userPrincipalName,
      ...having(somebody().mail ?? ''),
    });
    expect(await pair.sync()).toMatchObject({ blocked: 1 });
    expect(contactOf(somebody())).toBeUndefined();
    expect(pair.compare()).toMatchObject({ divergences: [], foreignTouched: 0 });
    const { setbacks } = await readStatus(pair.config);
    expect(JSON.stringify(setbacks)).toContain('AddressOfGuest');
    expect(JSON.stringify(setbacks)).toContain(somebody().id);
  });

  test('a guest who has the new address of somebody keeps it, and mail goes on as before', async () => {
    pair = await openPair();
    await pair.sync();
    const before = somebody().mail;
    pair.fabrikam.directory.addUser({ userType: 'Guest', mail: null, otherMails: ['new@contoso.example'] });
    pair.contoso.directory.updateUser(somebody().id, { mail: 'new@contoso.example', jobTitle: 'Moved' });
    expect(await pair.sync()).toMatchObject({ blocked: 1 });
    expect(contactOf(somebody())).toMatchObject({ address: before, personal: { Title: 'Moved' } });
    expect(pair.fabrikam.oracles.count('guest-touched')).toBe(0);
  });

  test('contacts that CTCS made are taken over as they are, go with their person, and get their mark back', async () => {
    pair = await openPair({ job: { grace: '0s' } });
    const { recipients } = pair.fabrikam.exchange;
    const markOf = ({ id }: User): string => `XTSYNC|${pair.contoso.tenantId}|User|${id}`;
    const [one, leaver] = [somebody(1), somebody(2)];
    for (const user of [one, leaver])
      recipients.furnish({
        name: `Made by CTCS ${user.id}`,
        address: user.mail ?? '',
        custom: { CustomAttribute15: markOf(user) },
        adoptable: true,
      });
    const before = contacts().map(({ guid }) => guid);
    const planned = await plan(pair.config, surroundingsOf(pair));
    expect(planned.jobs[0]).toMatchObject({ adopt: 2, remove: 0 });
    await pair.sync();
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
    expect(before).toContain(contactOf(one)?.guid);
    expect(contactOf(one)?.name).toBe(`Made by CTCS ${one.id}`);
    pair.contoso.directory.deleteUser(leaver.id);
    await pair.sync();
    expect(contactOf(leaver)).toBeUndefined();
    await pair.with((service) => service.revert('partners', never));
    expect(contacts().map(({ custom }) => custom['CustomAttribute15'])).toEqual([markOf(one)]);
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test('by address only on request, where exactly one matches and the cloud is its master', async () => {
    pair = await openPair();
    const { recipients } = pair.fabrikam.exchange;
    const [plain, synced] = [somebody(1), somebody(2)];
    recipients.furnish({ name: 'By hand', address: plain.mail ?? '', adoptable: true });
    recipients.furnish({ name: 'From afar', address: synced.mail ?? '', isDirSynced: true });
    expect(await pair.sync()).toMatchObject({ blocked: 2 });
    expect(await pair.sync({ job: { adopt: { address: true } } })).toMatchObject({ blocked: 2 });
    // A place is looked through once, before anything is made in it.
    await pair.loseLedger();
    expect(await pair.sync({ job: { adopt: { address: true } } })).toMatchObject({ blocked: 1 });
    expect(contactOf(plain)?.name).toBe('By hand');
    await pair.with((service) => service.revert('partners', never), { job: { adopt: { address: true } } });
    expect(contacts().map(({ name, custom }) => [name, custom])).toEqual([
      ['By hand', {}],
      ['From afar', {}],
    ]);
  });

  test('nothing is marked where somebody else uses the attribute', async () => {
    pair = await openPair();
    pair.takeMark();
    await pair.sync();
    expect(contacts()).toEqual([]);
    const { parked } = await readStatus(pair.config);
    expect(parked.map(({ reason }) => reason)).toEqual(['MarkAttributeInUse']);
  });
});
