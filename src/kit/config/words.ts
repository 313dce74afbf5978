import { parseDuration, DURATION_PATTERN } from '../duration.ts';
import { nearMiss } from './near-miss.ts';
import { mismatch, type JsonSchema, type Shape } from './shapes.ts';

interface Word<T> {
  readonly expected: string;
  readonly json: JsonSchema;
  /** Undefined when the text is not what was expected. */
  readonly parse: (text: string) => T | undefined;
}

/** A single piece of text with a meaning. */
export function word<T>({ expected, json, parse }: Word<T>): Shape<T> {
  return {
    expected,
    json: { type: 'string', ...json },
    read(cursor) {
      const text = cursor.scalar();
      if (typeof text !== 'string') return mismatch(cursor, expected);
      return parse(text) ?? cursor.fail(`expected ${expected}`);
    },
  };
}

/** Text that matches a pattern, taken as it is. */
export function matching(pattern: string, expected: string): Shape<string> {
  const test = new RegExp(pattern);
  return word({ expected, json: { pattern }, parse: (text) => (test.test(text) ? text : undefined) });
}

/** Of a contact folder. */
export const folderName = matching(
  '^(?!\\s)[^\\u0000-\\u001f]{1,128}(?<!\\s)$',
  'a folder name of 1 to 128 characters',
);

export function choice<const T extends string>(words: readonly T[]): Shape<T> {
  const expected = words.length === 1 ? `the word ${words[0]}` : `one of ${words.join(', ')}`;
  return {
    expected,
    json: { enum: words },
    read(cursor) {
      const text = cursor.scalar();
      if (typeof text !== 'string') return mismatch(cursor, expected);
      const found = words.find((one) => one === text);
      if (found !== undefined) return found;
      const meant = nearMiss(text, words);
      return cursor.fail(`expected ${expected}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
    },
  };
}

/** `true` or `false`; YAML 1.2 takes no yes and no. */
export const truth: Shape<boolean> = {
  expected: 'true or false',
  json: { type: 'boolean' },
  read(cursor) {
    const value = cursor.scalar();
    return typeof value === 'boolean' ? value : mismatch(cursor, 'true or false');
  },
};

export function wholeNumber(min: number, max: number): Shape<number> {
  return numeric({ min, max, type: 'integer', expected: `a whole number from ${min} to ${max}` });
}

export function number(min: number, max: number): Shape<number> {
  return numeric({ min, max, type: 'number', expected: `a number from ${min} to ${max}` });
}

function numeric(limits: {
  min: number;
  max: number;
  type: 'integer' | 'number';
  expected: string;
}): Shape<number> {
  const { min, max, type, expected } = limits;
  return {
    expected,
    json: { type, minimum: min, maximum: max },
    read(cursor) {
      const value = cursor.scalar();
      if (typeof value !== 'number') return mismatch(cursor, expected);
      const fits = value >= min && value <= max && (type === 'number' || Number.isInteger(value));
      return fits ? value : cursor.fail(`expected ${expected}`);
    },
  };
}

/** Milliseconds, between two durations given as text. */
export function duration(shortest: string, longest: string): Shape<number> {
  const min = parseDuration(shortest) ?? 0;
  const max = parseDuration(longest) ?? Infinity;
  return word({
    expected: `a duration with its unit from ${shortest} to ${longest}, such as 30s, 5m or 2h`,
    json: { pattern: DURATION_PATTERN },
    parse(text) {
      const ms = parseDuration(text);
      return ms === undefined || ms < min || ms > max ? undefined : ms;
    },
  });
}

const GUID = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$';

/** A GUID in lower case, as the directory spells it. */
export const guid: Shape<string> = word({
  expected: 'a GUID such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  json: { pattern: GUID },
  parse: (text) => (new RegExp(GUID).test(text) ? text.toLowerCase() : undefined),
});

/** `HH:MM` on a 24-hour clock. */
export const timeOfDay: Shape<{ readonly hour: number; readonly minute: number }> = word({
  expected: 'a time of day in quotes such as "02:00"',
  json: { pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' },
  parse(text) {
    const match = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text);
    return match === null ? undefined : { hour: Number(match[1]), minute: Number(match[2]) };
  },
});

export const timeZone: Shape<string> = word({
  expected: 'an IANA time zone such as Europe/Berlin or UTC',
  json: {},
  parse(text) {
    // Offsets such as +01:00 are accepted by Intl, but know nothing of summer time.
    if (!/^[A-Za-z]/.test(text)) return undefined;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
});
