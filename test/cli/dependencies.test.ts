import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const page = readFileSync(new URL('../../deploy/dependencies.md', import.meta.url), 'utf8');

test.each([
  ['## At run time', Object.keys(manifest.dependencies)],
  ['## For development and tests', Object.keys(manifest.devDependencies)],
])('%s: every package of package.json has its reason, and nothing else is named', (heading, packages) => {
  const [, section = ''] = page.split(`${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line !== '');
  const named = lines.map(
    (line) => /^- `([^`]+)`: \S.{10,}\.$/.exec(line)?.[1] ?? `not a line of reason: ${line}`,
  );
  expect(packages.length).toBeGreaterThan(5);
  expect(named).toEqual(packages.toSorted());
});
