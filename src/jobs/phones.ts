import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import type { PhonesConfig } from '../kit/config/fields.ts';
import type { Person } from '../model/person.ts';
import { createCountryNames } from './countries.ts';

/** A number of a person, as it is to stand in the contact. */
export type PhoneFormat = (text: string) => string;

/** Below this many digits, a number without a country code is an extension of the house. */
const INTERNAL_BELOW = 7;
/** No country's numbers without their area code are as long as this. */
const FULL_FROM = 10;

/**
 * How the numbers of each person are written: as the directory has them, or in
 * E.164, by which a phone recognises who calls, with the extension behind a comma: the pause that phones dial, and at
 * which they end the comparison with a caller (developer.android.com/reference/android/telephony/PhoneNumberUtils). What
 * is not surely one complete number stays as it is: a wrong number is worse than an unrecognised one.
 */
export function createPhoneFormats({
  format,
  defaultCountry,
}: PhonesConfig): (person: Person) => PhoneFormat {
  if (format === 'as-is') return () => (text) => text;
  const codeOf = createCountryNames();
  return (person) => {
    const places = [codeOf(person.country), person.usageLocation, defaultCountry];
    const country = places.find((one) => one !== null && isSupportedCountry(one));
    return (text) => toE164(text, country) ?? text;
  };
}

/** Two spellings of one number are the same here; what has no digits is itself. */
export function dialled(number: string): string {
  return number.replaceAll(/[^\d+,]/g, '') || number;
}

function toE164(raw: string, country: string | undefined): string | null {
  const text = raw.trim().replace(/^tel:\s*/i, '');
  if (holdsTwo(text, country)) return null;
  const phone = parse(text, country);
  if (!phone?.isValid()) return null;
  const { number, ext, countryCallingCode, nationalNumber } = phone;
  const digits = digitsOf(text);
  // In the country's own way of writing, the zero in front of the area code included where it has one.
  const national = digitsOf(phone.formatNational().slice(0, ext === undefined ? undefined : -ext.length));
  const isInternational = text.startsWith('+') || digits.includes(`${countryCallingCode}${nationalNumber}`);
  const isComplete =
    nationalNumber.length >= FULL_FROM ||
    (nationalNumber.length >= INTERNAL_BELOW && digits.startsWith(national));
  if (!isInternational && !isComplete) return null;
  return ext === undefined ? number : `${number},${ext}`;
}

/** "030 123456 / 0151 456789": the library would run them together. */
function holdsTwo(text: string, country: string | undefined): boolean {
  const parts = text.split('/');
  return (
    parts.length > 1 &&
    parts.filter((part) => digitsOf(part).length >= INTERNAL_BELOW && parse(part, country)?.isValid())
      .length > 1
  );
}

function parse(text: string, country: string | undefined): ReturnType<typeof parsePhoneNumberFromString> {
  return parsePhoneNumberFromString(text, {
    extract: false,
    ...(isCode(country) ? { defaultCountry: country } : {}),
  });
}

function isCode(country: string | undefined): country is CountryCode {
  return country !== undefined && isSupportedCountry(country);
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}
