import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SourceConfig } from '../../src/kit/config/scope.ts';
import { since, snapshot, total } from '../tenant/counts.ts';
import type { OrgContact } from '../tenant/directory/objects.ts';
import { POLL_MS } from './settlement.ts';
import { idsOf, Town, type JobPart } from './town.ts';

let town: Town;
beforeEach(() => {
  town = new Town({ roles: ['OrgContact.Read.All'] });
});
afterEach(() => town.close());

const hotline: Partial<OrgContact> = {
  displayName: 'Fabrikam Hotline',
  companyName: 'Fabrikam',
  mail: 'help@fabrikam.example',
  phones: [
    { type: 'mobile', number: '+49 151 1234567' },
    { type: 'business', number: '030 1234567' },
    { type: 'businessFax', number: '030 7654321' },
  ],
  addresses: [
    {
      street: 'Main Street 1',
      postalCode: '10115',
      city: 'Berlin',
      state: null,
      countryOrRegion: 'Germany',
      officeLocation: null,
    },
  ],
};
const contact = (changes: Partial<OrgContact> = {}): OrgContact =>
  town.tenant.directory.contacts.add({ ...hotline, ...changes });
const job = (source: SourceConfig): Record<string, JobPart> => ({
  staff: { source, target: { kind: 'licensed' } },
});
/** Nobody announces contacts: the poll, and the looks that follow. */
const polled = (): Promise<void> => town.rest(POLL_MS + 10_000);

describe('demand 12: external contacts as a source', () => {
  test('beside colleagues, in every mailbox, with numbers and a country of their own', async () => {
    const [one, two, ann] = [town.owner(), town.owner(), town.person()];
    const help = contact();
    await town.configure(job({ groups: [town.group(ann).id], orgContacts: {} }));
    expect([town.shownTo(one), town.shownTo(two)]).toEqual([idsOf(ann, help), idsOf(ann, help)]);
    const items = [...(town.tenant.mailboxes.get(one.id).folderNamed('staff')?.items.values() ?? [])];
    const shown = items.find(({ content }) => content.fields.displayName === 'Fabrikam Hotline');
    expect(shown?.content.fields).toMatchObject({
      companyName: 'Fabrikam',
      mobilePhone: '+491511234567',
      businessPhones: ['+49301234567'],
      emailAddresses: [{ address: 'help@fabrikam.example' }],
    });
  });

  test('who comes, changes and goes is followed within a poll, everywhere', async () => {
    const owner = town.owner();
    const help = contact();
    await town.configure(job({ orgContacts: {} }));
    const newcomer = contact({ displayName: 'Newcomer' });
    town.tenant.directory.contacts.update(help.id, { phones: [] });
    await polled();
    expect(town.shownTo(owner)).toEqual(idsOf(help, newcomer));
    const items = [...(town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? [])];
    const numbers = items.flatMap(({ content }) => content.fields.businessPhones ?? []);
    expect(numbers).toEqual(['+49301234567']);
    town.tenant.directory.deleteContact(help.id);
    town.tenant.directory.contacts.update(newcomer.id, { mail: null, phones: [] });
    await polled();
    // Of a contact that is gone there is no proof but that it cannot be found for a while.
    await town.rest(POLL_MS + 60_000);
    expect(town.shownTo(owner)).toEqual(new Set());
  });

  test('by a rule, by groups at any depth, without exceptions, and not those who merely stand in a group', async () => {
    const owner = town.owner();
    const [help, other, member] = [contact(), contact({ companyName: 'Other' }), contact()];
    const ann = town.person();
    const board = town.group();
    const list = town.group(ann, town.group(member), board);
    await town.configure(job({ groups: [list.id] }));
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
    const where = {
      kind: 'test',
      attribute: 'companyName',
      test: { kind: 'in', values: ['fabrikam'] },
    } as const;
    await town.configure(job({ groups: [list.id], orgContacts: { where } }));
    expect(town.shownTo(owner)).toEqual(idsOf(ann, help, member));
    await town.configure(job({ orgContacts: { groups: [list.id] } }));
    expect(town.shownTo(owner)).toEqual(idsOf(member));
    town.tenant.directory.addMember(board.id, other.id);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(member, other));
    await town.configure(job({ orgContacts: { groups: [list.id] }, except: { groups: [board.id] } }));
    expect(town.shownTo(owner)).toEqual(idsOf(member));
    town.tenant.directory.removeMember(board.id, other.id);
    town.tenant.directory.addMember(list.id, other.id);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(member, other));
  });

  test('without the option none is shown, asked for, or left', async () => {
    const owner = town.owner();
    const ann = town.person();
    const [help] = [contact(), contact()];
    const group = town.group(ann, help);
    await town.configure(job({ groups: [group.id], orgContacts: {} }));
    expect(town.shownTo(owner)?.size).toBe(3);
    await town.configure(job({ groups: [group.id] }));
    const before = snapshot(town.tenant.counts);
    await town.rest(2 * POLL_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
    const asked = since(town.tenant.counts, before);
    expect([total(asked, 'GET contacts/{id}'), total(asked, 'GET contacts/delta')]).toEqual([0, 0]);
  });

  test('what leaves asks the guard first', async () => {
    const owner = town.owner();
    const contacts = Array.from({ length: 6 }, () => contact());
    const guarded = { ...job({ orgContacts: {} }).staff!, guard: { count: 2, percent: 0 } };
    await town.configure({ staff: guarded });
    for (const { id } of contacts) town.tenant.directory.contacts.update(id, { mail: null, phones: [] });
    await polled();
    expect(town.shownTo(owner)?.size).toBe(4);
    const { guard } = town.service.assembly.needs.ledger;
    expect(await guard.held('staff')).toHaveLength(4);
    await guard.approve('staff', town.clock.now());
    await town.rest();
    expect(town.shownTo(owner)).toEqual(new Set());
  });

  test('a restart knows them again, and a worn-out token takes nobody away', async () => {
    const owner = town.owner();
    const [help, ann] = [contact(), town.person()];
    const both = job({ users: [ann.id], orgContacts: {} });
    await town.configure(both);
    const writes = town.writes();
    await town.configure(both);
    town.tenant.setFaults({ deltaExpired410: 1 });
    await town.clock.run(town.clock.now() + POLL_MS + 10_000);
    town.tenant.setFaults({});
    await polled();
    expect([town.shownTo(owner), town.writes()]).toEqual([idsOf(help, ann), writes]);
  });
});

test('without the permission it is said which one is missing', async () => {
  await town.close();
  town = new Town();
  town.owner();
  await town.configure(job({ orgContacts: {} }));
  const { sources } = town.service.assembly.needs;
  const asked = sources.get('contoso')?.changedPeople(null, 'contacts')[Symbol.asyncIterator]().next();
  const told = expect(asked).rejects.toThrow('the app needs the permission OrgContact.Read.All');
  await town.clock.run(town.clock.now() + 60_000);
  await told;
});
