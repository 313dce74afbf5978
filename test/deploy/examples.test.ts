import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigProblems, readConfig } from '../../src/kit/config/config.ts';
import { filesUnder, ROOT } from '../house/sources.ts';

/** Compose files are Docker's; every other YAML file is a configuration of ours. */
const examples = filesUnder('deploy').filter(
  (file) => file.endsWith('.yaml') && !path.basename(file).startsWith('compose.'),
);

function read(file: string, text = readFileSync(path.join(ROOT, file), 'utf8')) {
  return readConfig(text, {
    file: path.join(ROOT, file),
    env: {},
    readFile: (name) => readFileSync(name, 'utf8'),
    secrets: 'unread',
  });
}

describe('the configurations in deploy/', () => {
  test('are seen', () => {
    expect(examples).toEqual(
      expect.arrayContaining(['deploy/contact-sync.example.yaml', 'deploy/docker/config/distributed.yaml']),
    );
  });

  test.each(examples)('%s is one that the program takes', (file) => {
    const { jobs, tenants } = read(file);
    expect(jobs.length).toBeGreaterThan(0);
    expect(tenants.length).toBeGreaterThan(0);
  });

  test('and the check can fail', () => {
    expect(() => read('a.yaml', 'tenants: {}\nhealht: {}\n')).toThrow(ConfigProblems);
  });

  test('secrets in them are references', () => {
    for (const file of examples)
      expect(readFileSync(path.join(ROOT, file), 'utf8')).not.toMatch(/BEGIN|AccountKey|SharedAccessKey=/);
  });

  test('those for containers keep their state where the image lets them', () => {
    expect(read('deploy/docker/config/embedded.yaml').data).toBe('/data');
    const { queue, ledger, health, deployment } = read('deploy/docker/config/distributed.yaml');
    expect([queue.kind, ledger.kind, health?.listen.port, deployment]).toEqual([
      'serviceBus',
      'postgres',
      8081,
      'production',
    ]);
  });
});
