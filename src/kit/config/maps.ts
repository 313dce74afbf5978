import { BAD, type Cursor } from './cursor.ts';
import { nearMiss } from './near-miss.ts';
import { mismatch, whole, type Field, type Shape } from './shapes.ts';

type Fields = Readonly<Record<string, Field<unknown>>>;
type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A map with known keys; any other key is a problem. */
export function object<F extends Fields>(fields: F): Shape<Values<F>> {
  const names = Object.keys(fields);
  const obligatory = names.filter((name) => fields[name]?.required);
  const expected = `a map with ${(obligatory.length > 0 ? obligatory : names).join(', ')}`;
  return {
    expected,
    json: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.json])),
      required: obligatory,
      additionalProperties: false,
    },
    read(cursor) {
      const entries = cursor.entries();
      if (entries === undefined) return mismatch(cursor, expected);
      let sound = true;
      const found = new Map<string, Cursor>();
      const misspelt = new Set<string>();
      for (const { key, value } of entries) {
        if (key !== undefined && Object.hasOwn(fields, key)) found.set(key, value);
        else {
          misspelt.add(refuseKey(value, key, names) ?? '');
          sound = false;
        }
      }
      const values: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(fields)) {
        const at = found.get(name);
        // One mistake is one problem: a misspelt key is not reported as missing as well.
        if (at === undefined && misspelt.has(name)) continue;
        const value = at === undefined ? field.missing(cursor, name) : field.shape.read(at);
        if (value === BAD) sound = false;
        else values[name] = value;
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field was read by the shape that Values names.
      return sound ? (values as Values<F>) : BAD;
    },
  };
}

/** Reports a key that means nothing; returns the one that was probably meant. */
export function refuseKey(at: Cursor, key: string | undefined, known: readonly string[]): string | undefined {
  const meant = key === undefined ? undefined : nearMiss(key, known);
  at.fail(
    `unknown key: ${meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`}`,
  );
  return meant;
}

/** A map whose keys are ids that the administrator chose. At least one. */
export function byId<T>(
  id: { pattern: string; expected: string },
  shape: Shape<T>,
): Shape<readonly (T & { id: string })[]> {
  const expected = `a map of ids, each with ${shape.expected}`;
  const pattern = new RegExp(id.pattern);
  return {
    expected,
    json: {
      type: 'object',
      propertyNames: { pattern: id.pattern },
      additionalProperties: shape.json,
      minProperties: 1,
    },
    read(cursor) {
      const entries = cursor.entries();
      if (entries === undefined || entries.length === 0) return mismatch(cursor, expected);
      const all = entries.map(({ key, value }) => {
        const named =
          key !== undefined && pattern.test(key) ? key : value.fail(`expected ${id.expected} as the key`);
        const read = shape.read(value);
        return named === BAD || read === BAD ? BAD : { ...read, id: named };
      });
      return whole(all);
    },
  };
}

/** A map with exactly one of the keys: which one, and its value. */
export function oneOf<T>(
  choices: Readonly<Record<string, Field<T>>>,
): Shape<{ readonly key: string; readonly value: T }> {
  const names = Object.keys(choices);
  const expected = `a map with one of ${names.join(', ')}`;
  return {
    expected,
    json: {
      oneOf: Object.entries(choices).map(([name, field]) => ({
        type: 'object',
        properties: { [name]: field.json },
        required: [name],
        additionalProperties: false,
      })),
    },
    read(cursor) {
      const entries = cursor.entries();
      const [entry] = entries ?? [];
      if (entry === undefined) return mismatch(cursor, expected);
      if (entries?.length !== 1) return cursor.fail(`expected ${expected}, found ${entries?.length} keys`);
      const choice =
        entry.key !== undefined && Object.hasOwn(choices, entry.key) ? choices[entry.key] : undefined;
      if (entry.key === undefined || choice === undefined) {
        refuseKey(entry.value, entry.key, names);
        return BAD;
      }
      const value = choice.shape.read(entry.value);
      return value === BAD ? BAD : { key: entry.key, value };
    },
  };
}

type Kind<F extends Fields> = {
  [K in keyof F]: { readonly key: K; readonly value: F[K] extends Field<infer T> ? T : never };
}[keyof F];

/** The same, where each key has a value of a type of its own. */
export function oneOfKinds<F extends Fields>(kinds: F): Shape<Kind<F>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the value is read by the shape under the very key.
  return oneOf<unknown>(kinds) as Shape<Kind<F>>;
}

/** Maps of several kinds, told apart by the word under `kind`. One whose kind is not to be told is read as the first. */
export function byKind<Shapes extends Readonly<Record<string, Shape<object>>>>(
  kinds: Shapes,
): Shape<{ [K in keyof Shapes]: Shapes[K] extends Shape<infer T> ? T : never }[keyof Shapes]> {
  const names = Object.keys(kinds);
  const [first] = Object.values(kinds);
  if (first === undefined) throw new Error('There is no kind.');
  const shape: Shape<object> = {
    expected: `${first.expected} (kind: ${names.join(' or ')})`,
    json: { anyOf: Object.values(kinds).map(({ json }) => json) },
    read(cursor) {
      const word = cursor
        .entries()
        ?.find(({ key }) => key === 'kind')
        ?.value.scalar();
      const kind = names.find((name) => name === word);
      return (kinds[kind ?? ''] ?? first).read(cursor);
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read was read by one of the shapes.
  return shape as Shape<{ [K in keyof Shapes]: Shapes[K] extends Shape<infer T> ? T : never }[keyof Shapes]>;
}
