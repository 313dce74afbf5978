import { describe, expect, test } from 'vitest';
import { assertBatchable } from '../../src/graph/batch.ts';
import { groupsDeltaStart, readGroupDelta } from '../../src/graph/directory.ts';
import { contactsDeltaStart, getOrgContact, readOrgContact } from '../../src/graph/org-contacts.ts';
import { CONTACT_ATTRIBUTES } from '../../src/kit/config/rule-attributes.ts';
import { LIST_ATTRIBUTES, TEXT_ATTRIBUTES } from '../../src/model/person.ts';

const selected = (url: string): string[] =>
  new URL(url, 'https://graph.example').searchParams.get('$select')?.split(',') ?? [];
const answer = (body: unknown) => ({ status: 200, headers: {}, body });

describe('contacts of the organisation', () => {
  test('are asked for what they have, and for nothing that only users have', () => {
    const call = getOrgContact('a/b', ['mail', 'mobilePhone', 'businessPhones', 'city', 'employeeId']);
    assertBatchable(call);
    expect(call.url).toMatch(/^\/contacts\/a%2Fb\?/);
    expect(call.mailbox).toBeUndefined();
    expect(selected(call.url)).toEqual(['id', 'mail', 'phones', 'addresses']);
    expect(selected(contactsDeltaStart(['mail', 'usageLocation']))).toEqual(['id', 'mail']);
  });

  test('have exactly the attributes that a rule over them may name', () => {
    const all = [...TEXT_ATTRIBUTES, ...LIST_ATTRIBUTES];
    const known = all.filter((name) => selected(contactsDeltaStart([name])).length > 1);
    const named = CONTACT_ATTRIBUTES.filter((name) => name !== 'mailDomain');
    expect(known.toSorted()).toEqual([...named].toSorted());
  });

  test('become people without an account: numbers by their type, the one address in its parts', () => {
    const address = { street: 'S', postalCode: 'P', city: 'C', state: 'T', countryOrRegion: 'R' };
    const body = {
      id: 'ABC',
      displayName: 'Help',
      mail: 'help@x.example',
      proxyAddresses: ['SMTP:help@x.example'],
      phones: [
        { type: 'businessFax', number: '3' },
        { type: 'business', number: '2' },
        { type: 'mobile', number: '1' },
        { type: 'pager', number: '4' },
        { type: 'business', number: null },
      ],
      addresses: [{ ...address, officeLocation: 'O' }],
    };
    expect(readOrgContact(answer(body))).toMatchObject({
      id: 'abc',
      kind: 'contact',
      accountEnabled: null,
      licences: 0,
      displayName: 'Help',
      givenName: null,
      proxyAddresses: ['SMTP:help@x.example'],
      mobilePhone: '1',
      businessPhones: ['2'],
      faxNumber: '3',
      streetAddress: 'S',
      postalCode: 'P',
      city: 'C',
      state: 'T',
      country: 'R',
      officeLocation: 'O',
    });
    expect(readOrgContact(answer({ id: 'a' }))).toMatchObject({
      mail: null,
      mobilePhone: null,
      businessPhones: [],
      city: null,
    });
    expect(() => readOrgContact(answer({ displayName: 'Help' }))).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
  });
});

describe('administrative units', () => {
  test('are asked for as groups are, by a path of their own', () => {
    const [group, unit] = [groupsDeltaStart(['a', 'b']), groupsDeltaStart(['a', 'b'], 'unit')];
    expect(group).toContain('$select=id%2Cmembers&');
    expect(unit).toBe(
      group.replace('/groups/', '/directory/administrativeUnits/').replace('$select=id%2Cmembers&', ''),
    );
  });

  test('members are told by what they are', () => {
    const types = ['user', 'ORGCONTACT', 'group', 'device'];
    const members = types.map((type) => ({ '@odata.type': `#microsoft.graph.${type}`, id: type }));
    const { members: read } = readGroupDelta({ id: 'u', 'members@delta': members });
    expect(read.map(({ kind }) => kind)).toEqual(['person', 'contact', 'group', 'other']);
  });
});
