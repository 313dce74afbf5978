import { BAD, type Bad, type Cursor, type Place } from './cursor.ts';

/** A JSON Schema (draft 7, which YAML editors understand best) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One description from which both the reading and the JSON Schema come, so that they cannot disagree. */
export interface Shape<T> {
  /** Completes "expected ...". */
  readonly expected: string;
  readonly json: JsonSchema;
  /** The value, or `BAD` after every problem was reported. */
  read(cursor: Cursor): T | Bad;
}

export interface Field<T> {
  readonly shape: Shape<T>;
  readonly json: JsonSchema;
  readonly required: boolean;
  /** What stands for a missing key; never called for a required one. */
  missing(map: Cursor, key: string): T | Bad;
}

export function required<T>(shape: Shape<T>, about: string): Field<T> {
  return {
    shape,
    required: true,
    json: { ...shape.json, description: about },
    missing: (map, key) => map.failAt(key, `is missing: expected ${shape.expected}`),
  };
}

/** A key with a default, written as one would write it in the file. */
export function optional<T>(shape: Shape<T>, whenMissing: unknown, about: string): Field<T> {
  return {
    shape,
    required: false,
    json: { ...shape.json, description: about, default: whenMissing },
    missing: (map, key) => shape.read(map.instead(key, whenMissing)),
  };
}

/** A key whose absence means something: null. */
export function maybe<T>(shape: Shape<T>, about: string): Field<T | null> {
  return { shape, required: false, json: { ...shape.json, description: about }, missing: () => null };
}

/** Between `min` and `max` values. */
export function list<T>(shape: Shape<T>, { min, max }: { min: number; max: number }): Shape<readonly T[]> {
  const count = min === max ? `exactly ${min}` : `${min} or more`;
  const expected = `a list of ${count}, each ${shape.expected}`;
  return {
    expected,
    json: { type: 'array', items: shape.json, minItems: min, maxItems: max },
    read(cursor) {
      const items = cursor.items();
      if (items === undefined || items.length < min) return mismatch(cursor, expected);
      if (items.length > max) return cursor.fail(`expected at most ${max} entries, found ${items.length}`);
      const all = items.map((item) => shape.read(item));
      return whole(all);
    },
  };
}

/** Something simple, or a map that says more. */
export function either<S, M>(simple: Shape<S>, map: Shape<M>): Shape<S | M> {
  const expected = `${simple.expected}, or ${map.expected}`;
  return {
    expected,
    json: { anyOf: [simple.json, map.json] },
    read: (cursor) =>
      cursor.isMap()
        ? map.read(cursor)
        : typeof cursor.scalar() === 'string'
          ? simple.read(cursor)
          : mismatch(cursor, expected),
  };
}

/** Keeps where the value stands, for checks that need more than the value. */
export function located<T>(shape: Shape<T>): Shape<{ readonly value: T; readonly place: Place }> {
  return {
    expected: shape.expected,
    json: shape.json,
    read(cursor) {
      const value = shape.read(cursor);
      return value === BAD ? BAD : { value, place: cursor.place };
    },
  };
}

/** Reports what was expected, and what kind of thing was found when that helps. */
export function mismatch(cursor: Cursor, expected: string): Bad {
  return cursor.fail(`expected ${expected}, found ${cursor.kind()}`);
}

/** A list that is only as good as its worst entry. */
export function whole<T>(all: readonly (T | Bad)[]): readonly T[] | Bad {
  const good: T[] = [];
  for (const one of all) {
    if (one === BAD) return BAD;
    good.push(one);
  }
  return good;
}
