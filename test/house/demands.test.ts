import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

/** What users of other tools ask for and did not get there: each has a test that bears its number. */
const DEMANDS: Readonly<Record<number, string>> = {
  1: 'one new or changed person is pushed to everyone now, the rest left alone',
  2: 'a deleted private number vanishes, and soon',
  3: 'no duplicates when runs overlap or are repeated',
  4: 'what a former tool left is adopted or cleaned up, and nothing of the owners',
  5: 'big groups are complete',
  6: 'a directory of thousands arrives whole',
  7: 'photos that do not make the sync slow',
  8: 'marks that nobody sees',
  9: 'exclusions that really work',
  11: 'a shared mailbox as the central list, with deletes',
  12: 'external contacts as a source',
  14: 'Deleted Items that the sync does not fill',
};

const tests = readSources().filter(
  ({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/house/'),
);

test.each(Object.entries(DEMANDS))('demand %s has a test that names it: %s', (number) => {
  expect(tests.length).toBeGreaterThan(50);
  const named = new RegExp(
    `^\\s*(?:test|it|describe)(?:\\.each\\([^)]*\\))?\\(\\s*['"\`]demand ${number}:`,
    'm',
  );
  const each = new RegExp(`^\\s*\\]\\)\\(\\s*['"\`]demand ${number}:`, 'm');
  expect(tests.filter(({ text }) => named.test(text) || each.test(text)).map(({ path }) => path)).not.toEqual(
    [],
  );
});
