import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './sources.ts';
import { threatFault, threatsIn } from './threats.ts';

const page = readFileSync(path.join(ROOT, 'deploy/threat-model.md'), 'utf8');

test('every threat names a test that exists, or says why there is none', () => {
  const threats = threatsIn(page);
  expect(threats.length).toBeGreaterThan(30);
  // No row is overlooked: what stands under the heading is a head, a rule or a threat.
  const [, below = ''] = /\n## Threats\n([\s\S]*?)\n## /.exec(page) ?? [];
  const rows = below.split('\n').filter((line) => line.startsWith('|'));
  expect(rows).toHaveLength(threats.length + 2 * (below.match(/^### /gm)?.length ?? 0));
  expect(threats.map(threatFault).filter((fault) => fault !== null)).toEqual([]);
});

test('every attacker has threats', () => {
  const parts = page.split(/^### /m).slice(1);
  for (const part of parts) expect([part.split('\n')[0], threatsIn(part).length > 1]).toContain(true);
  const [, list = ''] = /\n## Who might attack\n([\s\S]*?)\nNot among them/.exec(page) ?? [];
  const attackers = [...list.matchAll(/\*\*([^*:,]+)[:,]?\*\*/g)].map(([, name]) => name);
  expect(attackers.length).toBeGreaterThan(4);
  for (const name of attackers) expect(page).toContain(`\n### ${name}\n`);
});

test('and the checks can fail', () => {
  expect(faultOf('| a | b | |')).toEqual(['a: neither a test nor a reason']);
  expect(faultOf('| a | | [c](../test/house/threats.test.ts) |')).toEqual([
    'a: nothing is said to stand in the way',
  ]);
  expect(faultOf('| a | b | [c](../test/nowhere.test.ts) |')).toEqual([
    'a: no such test: test/nowhere.test.ts',
  ]);
  expect(faultOf('| a | b | [c](../test/house/threats.ts) |')).toEqual([
    'a: no such test: test/house/threats.ts',
  ]);
  expect(faultOf('| a | b | no test: |')).toEqual(['a: neither a test nor a reason']);
  expect(
    faultOf('| a | b | [c](../test/house/threats.test.ts) |\n| d | e | no test: nobody could run it |'),
  ).toEqual([null, null]);
});

function faultOf(cells: string): (string | null)[] {
  const table = `| threat | what stands in the way | shown by |\n| --- |\n${cells}\n\n`;
  return threatsIn(table).map(threatFault);
}
