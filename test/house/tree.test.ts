import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/kit/config/config.ts';
import { habits } from './habits.ts';
import { filesUnder, ROOT, sourceOf } from './sources.ts';
import { linksOf, scriptsIn, topFaults } from './tree.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const pages = ['README.md', ...['deploy', 'src', 'webhooks', 'test'].flatMap(filesUnder)].filter((file) =>
  file.endsWith('.md'),
);

describe('the top of the repository', () => {
  test('holds what it may, and nothing else', () => {
    expect(topFaults(readdirSync(ROOT), read('.gitignore'))).toEqual([]);
  });

  test('and the check can fail', () => {
    const names = readdirSync(ROOT);
    expect(topFaults([...names, 'scripts', 'notes.log'], '*.log\n')).toContain(
      'scripts: does not belong at the top',
    );
    expect(topFaults([...names, 'notes.log'], read('.gitignore'))).toEqual([]);
    expect(
      topFaults(
        names.filter((name) => name !== 'webhooks'),
        read('.gitignore'),
      ),
    ).toEqual(['webhooks: is missing']);
  });
});

describe('the pages', () => {
  test('are seen', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'deploy/permissions.md', 'deploy/dependencies.md']),
    );
    expect(linksOf('README.md', read('README.md')).length).toBeGreaterThan(5);
    expect(scriptsIn(read('README.md')).length).toBeGreaterThan(3);
  });

  test.each(pages)('%s: every link leads somewhere, every script exists, nothing of one machine', (page) => {
    const text = read(page);
    expect(linksOf(page, text).filter((link) => !existsSync(path.join(ROOT, link)))).toEqual([]);
    const scripts = new Set(Object.keys(manifest.scripts));
    expect(scriptsIn(text).filter((script) => !scripts.has(script))).toEqual([]);
    expect(habits.ownMachine(sourceOf(page, text))).toEqual([]);
  });

  test('and the checks can fail', () => {
    expect(linksOf('deploy/a.md', 'See [b](../nowhere.md#part) and [c](https://example.com).')).toEqual([
      'nowhere.md',
    ]);
    expect(scriptsIn('Type `npm run shine`, `npm run -s demo -- --json`, `npm ci && npm test`.')).toEqual([
      'shine',
      'demo',
      'test',
    ]);
  });

  test('the configurations that the README shows are valid', () => {
    // In a numbered list they are indented as a whole, which YAML does not mind.
    const shown = [...read('README.md').matchAll(/```yaml\n([^`]+)```/g)];
    expect(shown).toHaveLength(2);
    const reading = {
      file: path.join(ROOT, 'contact-sync.yaml'),
      env: {},
      readFile: read,
      secrets: 'unread',
    } as const;
    for (const [, yaml = ''] of shown) expect(readConfig(yaml, reading).jobs).toHaveLength(1);
  });

  test('decisions are dated, and tell context, decision and consequences', () => {
    const decisions = filesUnder('deploy/decisions');
    expect(decisions.length).toBeGreaterThan(5);
    for (const file of decisions) {
      expect(path.basename(file)).toMatch(/^\d{4}-\d\d-\d\d-[a-z0-9-]+\.md$/);
      expect(read(file).match(/^\*\*\w+\.\*\*/gm), file).toEqual([
        '**Context.**',
        '**Decision.**',
        '**Consequences.**',
      ]);
    }
  });
});
