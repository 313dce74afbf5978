import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ConfigProblems } from '../../src/kit/config/config.ts';
import { configJsonSchema } from '../../src/kit/config/file.ts';
import { MINIMAL, read } from './config-fixture.ts';

const deploy = (name: string): string =>
  readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
const example = deploy('contact-sync.example.yaml');
const fits = new Ajv({ strict: false }).compile(configJsonSchema());

/** Reads, and asserts that a refusal is a list of problems with lines of the text. */
function accepts(text: string): boolean {
  try {
    read(text);
    return true;
  } catch (fault) {
    if (!(fault instanceof ConfigProblems)) throw fault;
    const lines = text.split(/\r\n|\n|\r/).length;
    expect(fault.problems.length).toBeGreaterThan(0);
    for (const { line, message } of fault.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
      expect(message).not.toBe('');
    }
    return false;
  }
}

describe('whatever stands in the file', () => {
  test('any text is a Config or problems with lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void accepts(text)),
      { numRuns: 2000 },
    );
  });

  test('so is any text in the grammar of YAML', () => {
    const token = fc.constantFrom(
      'tenants', 'jobs', 'data', ':', ': ', '- ', '\n', '\n  ', '\n    ', '[', ']', '{', '}', ',', '&a ', '*a', '!!set ', '!!binary ',
      '<<: ', '? ', '| ', '> ', '"', "'", '#', '---', '...', '%YAML 1.1\n', '~', '1', '0x1f', '1e999', 'true', '__proto__', 'constructor',
    ); // prettier-ignore
    const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(''));
    fc.assert(
      fc.property(text, (yaml) => void accepts(yaml)),
      { numRuns: 5000 },
    );
  });

  test('so is the example file with a few characters changed, and some changes are accepted', () => {
    const edit = fc.record({
      at: fc.nat(example.length),
      cut: fc.nat(6),
      put: fc.string({ unit: fc.constantFrom(...Array.from('ab1:-#{}[]"\n \t*&!')), maxLength: 4 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = example;
        for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        if (accepts(text)) accepted += 1;
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(5);
  });
});

describe('the JSON Schema', () => {
  test('is what deploy/contact-sync.schema.json says', () => {
    expect(JSON.parse(deploy('contact-sync.schema.json'))).toEqual(configJsonSchema());
  });

  test('accepts what the program accepts, and refuses what it can see to be wrong', () => {
    const files = [example, MINIMAL].map((text) => parse(text) as unknown);
    for (const file of files) expect([fits(file), fits.errors]).toEqual([true, null]);
    const edit = fc.record({ where: fc.nat(), value: fc.jsonValue(), drop: fc.boolean() });
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...files), edit, (file, change) => {
        const changed = changePlace(file, change);
        if (accepts(stringify(changed))) {
          accepted += 1;
          expect([fits(changed), fits.errors]).toEqual([true, null]);
        } else refused += Number(!fits(changed));
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(300);
  });
});

interface Edit {
  readonly where: number;
  readonly value: unknown;
  readonly drop: boolean;
}

/** The same tree with one of its places dropped or replaced. */
function changePlace(tree: unknown, { where, value, drop }: Edit): unknown {
  const copy = structuredClone(tree);
  const places: [object, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push([node, key]);
      visit(child);
    }
  };
  visit(copy);
  const place = places[where % places.length];
  if (place === undefined) throw new Error('there is nothing to change');
  const [parent, key] = place;
  if (drop && !Array.isArray(parent)) Reflect.deleteProperty(parent, key);
  else Reflect.set(parent, key, value);
  return copy;
}
