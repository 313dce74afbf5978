import { describe, expect, test } from 'vitest';
import { createCountryNames } from '../../src/jobs/countries.ts';
import { createPhoneFormats } from '../../src/jobs/phones.ts';
import { personWith } from './person.ts';

const inBerlin = (known: Parameters<typeof personWith>[0]): string =>
  createPhoneFormats({ format: 'e164', defaultCountry: 'US' })(personWith(known))('030 1234567');

const written = (text: string, country: string | null = 'DE'): string =>
  createPhoneFormats({ format: 'e164', defaultCountry: country })(personWith())(text);

describe('E.164', () => {
  test.each([
    ['030 1234567', '+49301234567'],
    ['030/1234567', '+49301234567'],
    ['(030) 123 45-67', '+49301234567'],
    ['+49 (0) 30 1234567', '+49301234567'],
    ['0049 30 1234567', '+49301234567'],
    ['tel:+49-30-1234567', '+49301234567'],
    ['+1 (425) 555-0100', '+14255550100'],
    ['+44 20 7946 0018', '+442079460018'],
  ])('%s', (text, expected) => {
    expect(written(text)).toBe(expected);
  });

  test.each([
    ['(425) 555-0100', 'US', '+14255550100'],
    ['1-425-555-0100', 'US', '+14255550100'],
    ['98765 43210', 'IN', '+919876543210'],
    ['20 12 34 56', 'DK', '+4520123456'],
    ['06 1234 5678', 'IT', '+390612345678'],
  ])('%s in %s', (text, country, expected) => {
    expect(written(text, country)).toBe(expected);
  });

  test.each([
    ['+49 30 1234567 ext. 12', '+49301234567,12'],
    ['+49 30 1234567 x12', '+49301234567,12'],
    ['+49301234567;ext=12', '+49301234567,12'],
    ['030 1234567,12', '+49301234567,12'],
  ])('an extension is kept behind the pause that phones dial: %s', (text, expected) => {
    expect(written(text)).toBe(expected);
    expect(written(expected)).toBe(expected);
  });
});

describe('what is not surely one complete number stays as it is', () => {
  test.each([
    ['an extension of the house', '1234'],
    ['a number without its area code', '79460018'],
    ['a number of a city', '112'],
    ['letters', '0800 REISE'],
    ['words', '030 1234567 Durchwahl 12'],
    ['two numbers', '030 1234567 / 0151 23456789'],
    ['two numbers with country codes', '+49 30 1234567, +49 151 23456789'],
    ['a country code that is none', '+999 123456'],
    ['nothing', ''],
  ])('%s: %s', (_what, text) => {
    expect(written(text)).toBe(text);
  });

  test('a national number of somebody whose country is not known', () => {
    expect(written('030 1234567', null)).toBe('030 1234567');
    expect(written('+49 30 1234567', null)).toBe('+49301234567');
  });
});

describe('the country of a number', () => {
  test('is where the person works, then where they use their licence, then the default', () => {
    expect(inBerlin({ country: 'Germany', usageLocation: 'US' })).toBe('+49301234567');
    expect(inBerlin({ country: 'Atlantis', usageLocation: 'DE' })).toBe('+49301234567');
    expect(inBerlin({ country: 'ZZ', usageLocation: 'DE' })).toBe('+49301234567');
    expect(inBerlin({})).toBe('030 1234567');
  });

  test.each([
    ['DE', 'DE'],
    ['de', 'DE'],
    ['Germany', 'DE'],
    ['Deutschland', 'DE'],
    ['Allemagne', 'DE'],
    ['UK', 'GB'],
    ['USA', 'US'],
    ['United States', 'US'],
    ['Österreich', 'AT'],
    ['  ', null],
    ['Bavaria', null],
  ])('%s is %s', (text, code) => {
    expect(createCountryNames()(text)).toBe(code);
  });
});

test('as-is leaves every number as the directory has it', () => {
  const format = createPhoneFormats({ format: 'as-is', defaultCountry: 'DE' })(personWith());
  expect(format('030 / 1234567')).toBe('030 / 1234567');
});
