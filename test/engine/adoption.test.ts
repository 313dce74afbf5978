import { describe, expect, test } from 'vitest';
import { countAdoptable } from '../../src/engine/adoption.ts';
import { match, type Wanted } from '../../src/engine/match.ts';
import type { Candidate } from '../../src/engine/ports.ts';
import { auditEverything } from './audit-everything.ts';
import { adoptedIn, CYNC, lastTwo, OLD, opener, SIZE } from './former-contacts.ts';
import type { Item } from '../tenant/mailbox/item.ts';

const EMPTY = {
  displayName: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  emailAddresses: [],
  mobilePhone: null,
  businessPhones: [],
};

function wanted(person: number, identity: string, address?: string): Wanted {
  const emailAddresses = address === undefined ? [] : [{ name: null, address }];
  const record = {
    person,
    identity,
    route: 1,
    fingerprint: '',
    revision: 1,
    fannedOut: 1,
    state: 'shown' as const,
    photo: null,
  };
  return { record, card: { ...EMPTY, emailAddresses } };
}

const candidate = (item: string, more: Partial<Candidate> = {}): Candidate => ({
  item,
  keys: [],
  addresses: [],
  ...more,
});

describe('a contact of before is a person', () => {
  test('when the other mark names them, or when they alone share an e-mail address with it alone', () => {
    const people = [wanted(1, 'id-1', 'ann@x.example'), wanted(2, 'id-2', 'bob@x.example')];
    const found = match(people, [
      candidate('a', { keys: ['v2', 'ID-1'] }),
      candidate('b', { addresses: ['Bob@X.example'] }),
      candidate('c', { addresses: ['someone@else.example'] }),
    ]);
    expect([...found]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  test('never where there is a doubt', () => {
    const shared = [wanted(1, 'id-1', 'info@x.example'), wanted(2, 'id-2', 'info@x.example')];
    expect(match(shared, [candidate('a', { addresses: ['info@x.example'] })]).size).toBe(0);
    const ann = [wanted(1, 'id-1', 'ann@x.example')];
    const twice = [
      candidate('a', { addresses: ['ann@x.example'] }),
      candidate('b', { addresses: ['ann@x.example'] }),
    ];
    expect(match(ann, twice).size).toBe(0);
    const both = [wanted(1, 'id-1', 'ann@x.example'), wanted(2, 'id-2', 'bob@x.example')];
    expect(match(both, [candidate('a', { addresses: ['ann@x.example', 'bob@x.example'] })]).size).toBe(0);
    expect(match(ann, [candidate('a', { keys: ['id-1'] }), candidate('b', { keys: ['id-1'] })]).size).toBe(0);
  });

  test('by the mark before the address: a contact is taken once', () => {
    const people = [wanted(1, 'id-1', 'new@x.example'), wanted(2, 'id-2', 'old@x.example')];
    const found = match(people, [candidate('a', { keys: ['id-1'], addresses: ['old@x.example'] })]);
    expect([...found]).toEqual([[1, 'a']]);
  });
});

const opened = opener();

const named = (items: Iterable<Item>, name: string): Item | undefined =>
  [...items].find((item) => item.content.fields['displayName'] === name);

describe('a mailbox that joins', () => {
  test('keeps what was there before: it is linked, filled in, and nothing of the owner is lost', async () => {
    const office = await opened();
    const { writes } = await office.fill();
    // Seven colleagues in each: two adopted, five made.
    expect(writes).toBe(3 * 7);
    const items = adoptedIn(office);
    expect(items).toHaveLength(2);
    const fields = items.map((item) => item.content.fields);
    expect(fields.map(({ birthday }) => birthday)).toContain('1990-01-01T00:00:00Z');
    expect(fields.map(({ personalNotes }) => personalNotes)).toContain('Likes tea');
    const mailbox = office.tenant.mailboxes.get(office.people[0]?.id ?? '');
    for (const name of ['A friend', 'Elsewhere']) expect(named(mailbox.items(), name)).toBeDefined();
    expect(mailbox.folderNamed('Company Directory')?.items.size).toBe(5);
  });

  test('shows changes in the adopted contact, and keeps it when the person goes', async () => {
    const office = await opened();
    await office.fill();
    const marked = lastTwo(office.people)[0]?.id ?? '';
    expect(
      (await office.count(() => void office.tenant.directory.updateUser(marked, { jobTitle: 'New' }))).writes,
    ).toBe(3);
    const before = [...office.tenant.mailboxes.get(office.people[0]?.id ?? '').items()].length;
    await office.count(() => void office.tenant.directory.updateUser(marked, { accountEnabled: false }));
    expect(adoptedIn(office)).toHaveLength(1);
    expect([...office.tenant.mailboxes.get(office.people[0]?.id ?? '').items()]).toHaveLength(before);
  });

  test('is left alone without the option', async () => {
    const { adopt: _, ...plain } = SIZE;
    const office = await opened({ switches: {} }, plain);
    await office.fill();
    expect(adoptedIn(office)).toEqual([]);
  });

  test('loses nobody when the owner deletes an adopted contact: the audit makes one of ours', async () => {
    const office = await opened();
    await office.fill();
    const owner = office.people[0]?.id ?? '';
    const [item] = adoptedIn(office);
    if (!item) throw new Error('Nothing was adopted.');
    await office.count(async () => {
      office.tenant.mailboxes.deleteContact(owner, item);
      await auditEverything(office, 'full');
    });
    expect(adoptedIn(office)).toHaveLength(1);
    expect(office.tenant.mailboxes.get(owner).folderNamed('Company Directory')?.items.size).toBe(6);
  });

  test('has its adopted contacts told from the marks after the ledger lost its way', async () => {
    const office = await opened();
    await office.fill();
    const { ledger } = office.service.assembly.needs;
    const generation = await ledger.slabs.generation('contoso', 0);
    const { writes } = await office.count(async () => {
      await ledger.slabs.distrust('contoso', 0, { generation: generation.current, at: 0 });
    });
    // What was adopted is proven by one more write each.
    expect(writes).toBeLessThanOrEqual(3 * 2);
    expect(adoptedIn(office)).toHaveLength(2);
  });

  test('can be counted before anything is adopted', async () => {
    const { adopt: _, ...plain } = SIZE;
    const office = await opened({}, plain);
    await office.fill();
    const { needs } = office.service.assembly;
    const adopt = { foreignMark: CYNC, folder: OLD };
    const routes = needs.routes.map((route) => ({ ...route, adopt }));
    const [route] = routes;
    if (!route) throw new Error('There is no route.');
    const places = await needs.ledger.places.ofSlab('contoso', 0);
    const people = await needs.ledger.cards.of(
      'contoso',
      office.people.map(({ id }) => id),
    );
    let counts = new Map<string, number>();
    const { writes } = await office.count(async () => {
      counts = await countAdoptable({ ...needs, routes }, route, { places, people });
    });
    expect([...counts.values()]).toEqual([2, 2, 2]);
    expect(writes).toBe(0);
    expect(adoptedIn(office)).toEqual([]);
  });
});
