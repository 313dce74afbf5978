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

/** Finds the ISO 3166 code of what stands in a person's `country`; null when it is none. */
export type CountryNames = (country: string | null) => string | null;

/**
 * A directory's `country` is free text: a code of two letters, or a country's name in one of the common languages. The
 * names, some 3,000, are looked up when the first one is asked for: it takes as long as a small program needs to start.
 */
export function createCountryNames(): CountryNames {
  const everyday = new Map(EVERYDAY);
  let names: ReadonlyMap<string, string> | null = null;
  return (country) => {
    const text = country?.trim() ?? '';
    if (text === '') return null;
    const known = everyday.get(text.toLowerCase());
    if (known !== undefined) return known;
    if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
    names ??= codesByName();
    return names.get(text.toLowerCase()) ?? null;
  };
}

function codesByName(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames([language], { type: 'region' });
    for (const code of getCountries()) {
      const name = names.of(code)?.toLowerCase() ?? code;
      if (!codes.has(name)) codes.set(name, code);
    }
  }
  return codes;
}
