import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { mutants } from '../storm/mutants.ts';
import { fakeWorld } from './fake-world.ts';

/* What the pages tell people to type exists. */

const ROOT = path.join(import.meta.dirname, '../..');
const deploy = readdirSync(path.join(ROOT, 'deploy')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...deploy.map((name) => `deploy/${name}`)];

interface Typed {
  readonly command: string;
  readonly options: readonly string[];
}

/** `npm run contact-sync -- plan --csv`, or `contact-sync plan --csv` in quotes or code. */
function typedIn(text: string): Typed[] {
  const lines = text.matchAll(/\bcontact-sync (?:-- )?([a-z]+)((?: (?:--[a-z]+|[A-Za-z.]+))*)/g);
  return Array.from(lines, ([, command = '', rest = '']) => ({
    command,
    options: rest.split(' ').filter((word) => word.startsWith('--')),
  }));
}

async function helpOf(...words: string[]): Promise<string> {
  const { world, seen } = fakeWorld();
  expect(await execute(['help', ...words], world)).toBe(0);
  return seen.stdout;
}

async function commands(): Promise<string[]> {
  const listed = (await helpOf()).split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  return Array.from(listed.matchAll(/^ {2}([a-z]+)/gm), ([, name = '']) => name);
}

describe('the commands that pages name', () => {
  test.each(pages)('%s: each exists, with its options', async (page) => {
    const known = await commands();
    for (const { command, options } of typedIn(readFileSync(path.join(ROOT, page), 'utf8'))) {
      if (command === 'help') continue;
      expect(known).toContain(command);
      const help = await helpOf(command);
      for (const option of options) expect(help, `${command} ${option}`).toContain(`${option} `);
    }
  });

  test('the README has a row for each', async () => {
    const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
    const [, table = ''] = /\n\| command \| what it does \|\n([\s\S]*?)\n\n/.exec(readme) ?? [];
    const rows = [...table.matchAll(/`([a-z]+)/g)].map(([, name = '']) => name);
    const known = (await commands()).filter((name) => name !== 'help');
    expect(known.length).toBeGreaterThan(10);
    for (const command of known) expect(rows).toContain(command);
  });

  test('are seen', () => {
    expect(typedIn('`npm run -s contact-sync -- plan --csv > plan.csv`, "contact-sync approve"')).toEqual([
      { command: 'plan', options: ['--csv'] },
      { command: 'approve', options: [] },
    ]);
    const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
    expect(typedIn(readme).length).toBeGreaterThan(5);
  });
});

describe('what pages say of the code', () => {
  const decisions = readdirSync(path.join(ROOT, 'deploy/decisions')).map(
    (name) => `deploy/decisions/${name}`,
  );

  test('files that they name are there', () => {
    const named = [...pages, ...decisions].flatMap((page) => {
      const text = readFileSync(path.join(ROOT, page), 'utf8');
      return Array.from(text.matchAll(/`((?:src|test|webhooks)\/[\w./-]+\.ts)`/g), ([, file = '']) => ({
        page,
        file,
      }));
    });
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ file }) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('so many rules are broken one at a time', () => {
    const [, rules] =
      /\b(\d+) rules of the product one at a time/.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ??
      [];
    expect(Number(rules)).toBe(mutants.length);
  });
});
