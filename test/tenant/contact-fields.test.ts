import { expect, it } from 'vitest';
import { propertiesOf } from './http/schema.ts';
import { makeFolder, marks, probe } from './probe.ts';

const address = {
  street: 'Domplatz 1',
  city: 'Köln',
  state: 'NRW',
  countryOrRegion: 'Germany',
  postalCode: '50667',
};
/** Kept with the item, and nobody's to write. */
const READ_ONLY = ['id', 'changeKey', 'createdDateTime', 'lastModifiedDateTime', 'parentFolderId'];
/** Of the global cloud alone, and another view of the addresses. */
const ALIASES = ['primaryEmailAddress', 'secondaryEmailAddress', 'tertiaryEmailAddress'];
/** Relations, with operations of their own. */
const RELATIONS = ['extensions', 'photo', 'singleValueExtendedProperties', 'multiValueExtendedProperties'];
const LISTS = ['businessPhones', 'categories', 'children', 'homePhones', 'imAddresses'];

function sample(name: string): unknown {
  if (name === 'birthday') return '1815-12-10T00:00:00Z';
  if (name === 'emailAddresses') return [{ name: 'Ada', address: 'ada@x.example' }];
  if (name.endsWith('Address')) return address;
  return LISTS.includes(name) ? ['one', 'two'] : `The ${name}`;
}

const fields = Object.fromEntries(
  [...propertiesOf('contact')]
    .filter((name) => ![...READ_ONLY, ...ALIASES, ...RELATIONS].includes(name))
    .map((name) => [name, sample(name)]),
);

it('keeps every field that Microsoft publishes, replaces what is a whole, and clears by null', async () => {
  const on = probe();
  const contacts = await makeFolder(on, on.owner().id);
  expect(Object.keys(fields).length).toBeGreaterThan(30);
  const made = await on.ask('POST', contacts, { body: { ...fields, ...marks('u1') } });
  expect(made.body).toMatchObject(fields);
  const one = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
  const all = Object.keys(fields).join(',');
  expect((await on.ask('GET', `${one}?$select=${all}`)).body).toMatchObject(fields);

  const moved = await on.ask('PATCH', one, { body: { displayName: 'A', homeAddress: { city: 'Bonn' } } });
  expect(moved.body['homeAddress']).toEqual({ city: 'Bonn' });
  expect(moved.body['businessAddress']).toEqual(address);

  const cleared = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? [] : null]),
  );
  const bare = await on.ask('PATCH', one, { body: cleared });
  expect(bare.status).toBe(200);
  for (const [name, value] of Object.entries(cleared)) {
    const empty = name.endsWith('Address') ? {} : value;
    expect([name, bare.body[name]]).toEqual([name, empty]);
  }
  expect(on.tenant.oracles.violations).toEqual([]);
});
