import { describe, expect, test } from 'vitest';
import { MINIMAL, problemsOf } from './config-fixture.ts';
import { mappingOf, SEED_MAPPING } from './mapping-fixture.ts';

const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';

test('what is left out is as in the seed set', () => {
  const { texts, lists, addresses } = SEED_MAPPING.fields;
  expect([...Object.keys(texts), ...Object.keys(lists), ...Object.keys(addresses)].toSorted()).toEqual([
    'businessPhones',
    'companyName',
    'department',
    'displayName',
    'emailAddresses',
    'givenName',
    'jobTitle',
    'mobilePhone',
    'surname',
  ]);
  expect(SEED_MAPPING).toMatchObject({ phones: { format: 'e164', defaultCountry: null }, optOut: [] });
  const changed = mappingOf('fields: { jobTitle: null, nickName: mailNickname }').fields.texts;
  expect(Object.keys(changed)).toContain('nickName');
  expect(Object.keys(changed)).toContain('surname');
  expect(Object.keys(changed)).not.toContain('jobTitle');
});

test('the forms of a rule', () => {
  const { texts } = mappingOf(
    'fields: { fileAs: "{surname}, {givenName}", title: "", profession: { text: staff }, manager: { first: [mail, "Ask {displayName}"] }, companyName: Contoso }',
  ).fields;
  expect(texts).toMatchObject({
    fileAs: [[{ attribute: 'surname' }, ', ', { attribute: 'givenName' }]],
    title: [],
    profession: [['staff']],
    manager: [[{ attribute: 'mail' }], ['Ask ', { attribute: 'displayName' }]],
    companyName: [['Contoso']],
    surname: [[{ attribute: 'surname' }]],
  });
});

describe('what is wrong is told in one line, with its place', () => {
  test.each([
    [
      'an unknown field',
      'fields: { nikName: mailNickname }',
      'fields.nikName: unknown key: did you mean nickName?',
    ],
    [
      'an unknown attribute',
      'fields: { nickName: mailNickame }',
      'fields.nickName: no such attribute: did you mean mailNickname?',
    ],
    [
      'one in a template',
      'fields: { fileAs: "{surnam}, {givenName}" }',
      'fields.fileAs: no such attribute: did you mean surname?',
    ],
    [
      'one in a list',
      'fields: { businessPhones: [businessPhones, mobilPhone] }',
      'fields.businessPhones.2: no such attribute: did you mean mobilePhone?',
    ],
    [
      'one in an address',
      'fields: { homeAddress: { city: town } }',
      'fields.homeAddress.city: no such attribute: expected one of displayName, ',
    ],
    [
      'a brace too many',
      'fields: { fileAs: "{surname}}" }',
      'fields.fileAs: braces stand around the name of one attribute',
    ],
    ['a contact without a name', 'fields: { displayName: null }', 'fields.displayName: expected '],
    ['an empty name', 'fields: { displayName: "" }', 'fields.displayName: a contact needs a name'],
    [
      'a field that is not filled',
      `optOut: [{ fields: [nickName], groups: [${GROUP}] }]`,
      'optOut.1.fields: nickName is not among the fields of this job',
    ],
    [
      'a picture withheld where none is shown',
      `optOut: [{ fields: [photo], groups: [${GROUP}] }]`,
      'optOut.1.fields: photo is withheld, and this job shows no photos',
    ],
    [
      'a name withheld',
      `optOut: [{ fields: [displayName], groups: [${GROUP}] }]`,
      'optOut.1.fields: displayName cannot be withheld: a contact needs a name',
    ],
    [
      'a country by its name',
      'phones: { defaultCountry: Germany }',
      'phones.defaultCountry: expected a country as two capital letters such as DE',
    ],
  ])('%s', (_what, key, expected) => {
    const problems = problemsOf(`${MINIMAL}    ${key}\n`);
    expect(problems).toEqual([expect.stringContaining(`13 jobs.staff.${expected}`)]);
  });
});
