import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answers, measures } from '../tenant/answers.ts';
import { defaultSwitches, type Switches } from '../tenant/options.ts';

const tenant = new URL('../tenant/', import.meta.url);
const readme = readFileSync(new URL('README.md', tenant), 'utf8');

interface Row {
  readonly fact: string;
  readonly name: string;
  readonly file: string;
  readonly title: string;
}

/** The rows of the table `fact -> switch -> test`. */
function rowsOf(text: string): Row[] {
  const [, table = ''] = text.split('| fact | switch | test |');
  const [body = ''] = table.split('\n\n');
  return body.split('\n').flatMap((line) => {
    const cells = /^\| (.+) \| `(\w+)` \| ([\w-]+): (.+) \|$/.exec(line);
    if (cells === null) return [];
    const [, fact = '', name = '', file = '', title = ''] = cells;
    return [{ fact, name, file, title }];
  });
}

/** Titles of the tests in a file, the parameters of `each` left as they stand. */
function titlesIn(file: string): string[] {
  const url = new URL(`${file}.test.ts`, tenant);
  if (!existsSync(url)) return [];
  const text = readFileSync(url, 'utf8');
  return [...text.matchAll(/(['`])((?:(?!\1).)+)\1,\s*(?:async )?\(/g)].map(([, , title = '']) => title);
}

const rows = rowsOf(readme);
const open = Object.keys(answers);

describe('what Microsoft leaves open', () => {
  it('is a table that was read, without a row that the reader passed over', () => {
    expect(rows.length).toBeGreaterThan(25);
    const lines = (readme.split('| fact | switch | test |')[1] ?? '').split('\n\n')[0] ?? '';
    expect(rows).toHaveLength(lines.split('\n').filter((line) => /^\| (?!---)/.test(line)).length);
  });

  it('has one row per switch, and every switch that is no mere size has a row', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(open.toSorted());
    expect([...open, ...measures].toSorted()).toEqual(Object.keys(defaultSwitches).toSorted());
    for (const measure of measures) expect(readme).toContain(`\`${measure}\``);
  });

  it.each(rows)('$name: its own test exists', ({ file, title }) => {
    expect(titlesIn(file).filter((known) => known.includes(title))).not.toEqual([]);
  });

  it('is lived through with every answer, at least two of each, the usual one among them', () => {
    for (const name of open as (keyof typeof answers)[]) {
      const possible: readonly Switches[keyof typeof answers][] = answers[name];
      expect([name, new Set(possible).size >= 2 && possible.includes(defaultSwitches[name])]).toEqual([
        name,
        true,
      ]);
    }
    const story = readFileSync(new URL('either-way.test.ts', tenant), 'utf8');
    expect(story).toContain('Object.keys(answers)');
    expect(story).toContain('liveThrough({ [name]: answer })');
    expect(story).not.toMatch(/\.skip|\.only|\.todo|\.fails/);
  });
});
