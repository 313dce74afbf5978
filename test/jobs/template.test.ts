import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTRIBUTES } from '../../src/kit/config/field-names.ts';
import type { Template } from '../../src/kit/config/template.ts';
import { render } from '../../src/jobs/template.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { personWith } from './person.ts';

function templateOf(text: string): Template {
  const [template] = mappingOf(`fields: { fileAs: ${JSON.stringify(text)} }`).fields.texts.fileAs ?? [];
  if (!template) throw new Error('no template');
  return template;
}

const shown = (text: string, known: Parameters<typeof personWith>[0]): string | null =>
  render(templateOf(text), personWith(known));

describe('what is empty takes along', () => {
  test.each([
    ['{surname}, {givenName}', { surname: 'Müller', givenName: 'Anna' }, 'Müller, Anna'],
    ['{surname}, {givenName}', { surname: 'Müller' }, 'Müller'],
    ['{surname}, {givenName}', { givenName: 'Anna' }, 'Anna'],
    ['{surname}, {givenName}', {}, null],
    ['{displayName} ({department})', { displayName: 'Anna' }, 'Anna'],
    ['{displayName} ({department}, {city})', { displayName: 'Anna', city: 'Ulm' }, 'Anna (Ulm)'],
    ['{displayName} ({department}, {city})', { displayName: 'Anna', department: 'IT' }, 'Anna (IT)'],
    ['{displayName} ({department} [{city}])', { displayName: 'Anna', department: 'IT' }, 'Anna (IT)'],
    ['{displayName} ({department} [{city}])', { displayName: 'Anna' }, 'Anna'],
    ['{surname}, {givenName} ({department})', { surname: 'Müller', department: 'IT' }, 'Müller (IT)'],
    ['{streetAddress}, {postalCode} {city}', { streetAddress: 'Hof 1', city: 'Ulm' }, 'Hof 1, Ulm'],
    ['{displayName} - {department} - {city}', { displayName: 'Anna', city: 'Ulm' }, 'Anna - Ulm'],
    ['{givenName} {surname}', { givenName: 'Anna' }, 'Anna'],
    ['{companyName} | {displayName}', { displayName: 'Anna' }, 'Anna'],
    ['{displayName} at {companyName}', { displayName: 'Anna' }, 'Anna at'],
    ['Room {officeLocation}', {}, null],
    ['({department})', {}, null],
    ['- {department} -', { department: 'IT' }, '- IT -'],
  ])('%s of %j is %j', (text, known, expected) => {
    expect(shown(text, known)).toBe(expected);
  });
});

test('what an attribute says is never taken apart', () => {
  expect(shown('{surname}, {givenName}', { surname: 'Doe, ', givenName: '(Jo)' })).toBe('Doe,, (Jo)');
  expect(shown('{surname}, {givenName}', { surname: ' - ' })).toBe('-');
  expect(shown('{givenName} ({surname})', { surname: '()' })).toBe('(())');
});

test('of a list the first that is not blank', () => {
  expect(shown('{businessPhones} ({imAddresses})', { businessPhones: [' ', '1'], imAddresses: [] })).toBe(
    '1',
  );
});

test('a text without attributes is itself', () => {
  expect(shown('Contoso (Ltd.)', {})).toBe('Contoso (Ltd.)');
});

test('with every attribute there, a template is the same as plain replacement', () => {
  const literal = fc.string({ unit: fc.constantFrom(...' ,;()[]-/abc'.split('')), maxLength: 6 });
  const values = fc.stringMatching(/^[a-z]{1,5}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(literal, fc.constantFrom(...ATTRIBUTES)), { minLength: 1 }),
      values,
      (parts, value) => {
        const template = parts.flatMap(([text, attribute]) => [text, { attribute }]);
        const person = personWith(
          Object.fromEntries(
            ATTRIBUTES.map((name) => [name, Array.isArray(personWith()[name]) ? [value] : value]),
          ),
        );
        expect(render(template, person)).toBe(
          parts
            .map(([text]) => text + value)
            .join('')
            .trim(),
        );
      },
    ),
  );
});
