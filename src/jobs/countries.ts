import { getCountries } from 'libphonenumber-js/min';

/** In daily use, and not what the standard says. */
const EVERYDAY: readonly (readonly [string, string])[] = [
  ['uk', 'GB'],
  ['usa', 'US'],
  ['united states of america', 'US'],
  ['great britain', 'GB'],
  ['england', 'GB'],
  ['scotland', 'GB'],
  ['holland', 'NL'],
  ['the netherlands', 'NL'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
];

/** Languages in which directories write the names of countries. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'sv', 'da', 'nb', 'fi', 'cs'];

/**
 * The ISO 3166 code of what stands in a person's `country`, which is free text: a code of two letters, or a country's
 * name in one of the common languages. Null when it is neither.
 */
export function countryCodeOf(country: string | null): string | null {
  const text = country?.trim() ?? '';
  const word = text.toLowerCase();
  const everyday = EVERYDAY.find(([name]) => name === word)?.[1];
  if (everyday !== undefined) return everyday;
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  if (word === '') return null;
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames([language], { type: 'region' });
    const code = getCountries().find((one) => names.of(one)?.toLowerCase() === word);
    if (code !== undefined) return code;
  }
  return null;
}
