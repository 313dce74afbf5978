import { describe, expect, test } from 'vitest';
import { ADDRESS_FIELDS, ADDRESS_PARTS, CARD_FIELDS, TEXT_FIELDS, type Card } from '../../src/model/card.ts';
import { LIST_ATTRIBUTES, TEXT_ATTRIBUTES, type Person } from '../../src/model/person.ts';
import * as names from '../../src/kit/config/field-names.ts';
import { shapedBy } from '../../src/jobs/mapping.ts';
import { createContact } from '../../src/graph/contacts.ts';
import { assertSchema } from '../graph/schema.ts';
import { mappingOf, SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { personWith } from './person.ts';

const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const ann = personWith({
  displayName: 'Ann Müller',
  givenName: 'Ann',
  surname: 'Müller',
  department: ' ',
  mail: 'ann@contoso.com',
  mobilePhone: '0151 23456789',
  businessPhones: ['+49 30 1234567', '1234'],
  usageLocation: 'DE',
});

function cardOf(keys: readonly string[], person: Person = ann, memberOf: readonly string[] = []): Card {
  return shapedBy(mappingOf(...keys)).shape(person, new Set(memberOf));
}

test('the configuration knows the words of the model', () => {
  expect([...names.TEXT_FIELDS]).toEqual([...TEXT_FIELDS]);
  expect([...names.ADDRESS_FIELDS, ...names.ADDRESS_PARTS]).toEqual([...ADDRESS_FIELDS, ...ADDRESS_PARTS]);
  const configured = new Set<string>([
    ...names.TEXT_FIELDS,
    ...names.LIST_FIELDS,
    ...names.ADDRESS_FIELDS,
    ...names.RECIPIENT_FIELDS,
    // Configured as `manager`, since nobody writes down an id.
    'managerId',
  ]);
  expect(configured).toEqual(new Set(CARD_FIELDS));
  expect(new Set<string>(names.ATTRIBUTES)).toEqual(new Set([...TEXT_ATTRIBUTES, ...LIST_ATTRIBUTES]));
});

describe('the seed set', () => {
  test('is name, title, department, company, e-mail, mobile and business number', () => {
    expect(cardOf([])).toEqual({
      displayName: 'Ann Müller',
      givenName: 'Ann',
      surname: 'Müller',
      jobTitle: null,
      department: null,
      companyName: null,
      emailAddresses: [{ name: 'Ann Müller', address: 'ann@contoso.com' }],
      mobilePhone: '+4915123456789',
      businessPhones: ['+49301234567', '1234'],
    });
  });

  test('reads what it shows, and where its numbers belong', () => {
    expect(new Set(shapedBy(SEED_MAPPING).reads)).toEqual(
      new Set([
        'displayName',
        'givenName',
        'surname',
        'jobTitle',
        'department',
        'companyName',
        'mail',
        'mobilePhone',
        'businessPhones',
        'country',
        'usageLocation',
      ]),
    );
    expect(shapedBy(mappingOf('phones: { format: as-is }')).reads).not.toContain('country');
  });
});

describe('a card has exactly the fields that its route owns', () => {
  test.each([
    ['the seed set', []],
    [
      'one less and some more',
      [
        'fields: { jobTitle: null, nickName: mailNickname, businessAddress: { city: city }, categories: [Staff] }',
      ],
    ],
    ['one that is emptied', ['fields: { personalNotes: "", homePhones: [] }']],
  ])('%s', (_what, keys) => {
    for (const person of [ann, personWith()]) {
      const card = cardOf(keys, person);
      expect(new Set(Object.keys(card))).toEqual(new Set(shapedBy(mappingOf(...keys)).owns));
      assertSchema(
        'contactCreateRequest',
        createContact({ mailbox: 'b', folder: 'f' }, card, {
          mark: { deployment: 'd', route: 'r', sourceId: 's' },
          marks: 'both',
        }).body,
      );
    }
  });

  test('let go is not there, emptied is empty', () => {
    expect(cardOf(['fields: { jobTitle: null, department: "", businessPhones: [] }'])).toMatchObject({
      department: null,
      businessPhones: [],
    });
    expect(cardOf(['fields: { jobTitle: null }'])).not.toHaveProperty('jobTitle');
  });
});

describe('what fills a field', () => {
  test.each([
    [
      'a template',
      '{ displayName: "{surname}, {givenName}" }',
      { displayName: 'Müller, Ann', emailAddresses: [{ name: 'Müller, Ann', address: 'ann@contoso.com' }] },
    ],
    [
      'a constant',
      '{ companyName: "Contoso Ltd.", profession: { text: staff } }',
      { companyName: 'Contoso Ltd.', profession: 'staff' },
    ],
    [
      'the first that yields something',
      '{ jobTitle: { first: [jobTitle, "{department} team", employeeType, Colleague] } }',
      { jobTitle: 'Colleague' },
    ],
    [
      'an address, in parts',
      '{ businessAddress: { street: streetAddress, countryOrRegion: { first: [country, usageLocation] } } }',
      { businessAddress: { street: null, city: null, state: null, postalCode: null, countryOrRegion: 'DE' } },
    ],
  ])('%s', (_what, fields, expected) => {
    expect(cardOf([`fields: ${fields}`])).toMatchObject(expected);
  });

  test('a name that comes out empty is the display name', () => {
    const nameless = personWith({ displayName: 'Front Desk' });
    expect(cardOf(['fields: { displayName: "{surname}, {givenName}" }'], nameless)).toMatchObject({
      displayName: 'Front Desk',
    });
  });

  test('lists keep the stated order, and hold no more than Exchange takes', () => {
    const person = personWith({
      ...ann,
      otherMails: ['Ann@Contoso.com', 'a@b.example', 'not an address'],
      proxyAddresses: ['smtp:c@d.example', 'X500:/o=x', 'SIP:ann@contoso.com', 'SMTP:e@f.example'],
    });
    const card = cardOf(['fields: { emailAddresses: [otherMails, mail, proxyAddresses] }'], person);
    expect(card.emailAddresses?.map(({ address }) => address)).toEqual([
      'Ann@Contoso.com',
      'a@b.example',
      'c@d.example',
    ]);
  });

  test('a number that stands in several fields is listed once, however it is written', () => {
    const person = personWith({
      ...ann,
      extensionAttribute1: '(0151) 23456789',
      businessPhones: ['030 1234567', '+49 30 12345-67', '030 999 9999'],
    });
    expect(
      cardOf(['fields: { businessPhones: [extensionAttribute1, businessPhones] }'], person),
    ).toMatchObject({
      mobilePhone: '+4915123456789',
      businessPhones: ['+49301234567', '+49309999999'],
    });
  });
});

describe('opting out', () => {
  const keys = [`optOut: [{ fields: [mobilePhone], groups: [${GROUP}] }]`];

  test('empties the fields of members, and no others', () => {
    expect(cardOf(keys, ann, [GROUP])).toEqual({ ...cardOf(keys), mobilePhone: null });
    expect(cardOf(keys, ann, ['another']).mobilePhone).toBe('+4915123456789');
  });

  test('a number that is withheld is shown in no other field either', () => {
    const both = ['fields: { businessPhones: [mobilePhone, businessPhones] }', ...keys];
    expect(cardOf(both, ann, [GROUP])).toMatchObject({
      mobilePhone: null,
      businessPhones: ['+49301234567', '1234'],
    });
  });

  test('works on every kind of field', () => {
    const fields = 'fields: { businessAddress: { city: usageLocation }, categories: [Staff] }';
    const withheld = ['emailAddresses', 'businessAddress', 'categories', 'businessPhones', 'jobTitle'];
    const card = cardOf([fields, `optOut: [{ fields: [${withheld.join(', ')}], groups: [${GROUP}] }]`], ann, [
      GROUP,
    ]);
    expect(card).toMatchObject({
      emailAddresses: [],
      categories: [],
      businessPhones: [],
      jobTitle: null,
      mobilePhone: '+4915123456789',
    });
    expect(new Set(Object.values(card.businessAddress ?? {}))).toEqual(new Set([null]));
  });
});
