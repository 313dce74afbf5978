import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './sources.ts';
import { linksOf } from './tree.ts';

interface Threat {
  readonly what: string;
  readonly mitigation: string;
  readonly shownBy: string;
}

const HEAD = '| threat | what stands in the way | shown by |';

/** The rows of every table of threats. */
export function threatsIn(page: string): Threat[] {
  const tables = page.split(HEAD).slice(1);
  return tables.flatMap((table) => {
    const [rows = ''] = table.split('\n\n');
    const lines = rows.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
    return lines.map((line) => {
      const [, what = '', mitigation = '', shownBy = ''] = line.split('|').map((cell) => cell.trim());
      return { what, mitigation, shownBy };
    });
  });
}

/** What is wrong with a row, in a line; null: nothing. */
export function threatFault({ what, mitigation, shownBy }: Threat): string | null {
  if (what === '' || mitigation === '') return `${what}: nothing is said to stand in the way`;
  if (/^no test: \S.{10,}/.test(shownBy)) return null;
  const tests = linksOf('deploy/threat-model.md', shownBy);
  if (tests.length === 0) return `${what}: neither a test nor a reason`;
  const bad = tests.filter(
    (file) => !/^test\/.+\.test\.ts$/.test(file) || !existsSync(path.join(ROOT, file)),
  );
  return bad.length === 0 ? null : `${what}: no such test: ${bad.join(', ')}`;
}
