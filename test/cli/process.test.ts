import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { configJsonSchema } from '../../src/kit/config/file.ts';
import { writeConfig } from './fake-world.ts';

const ENTRY = path.join(import.meta.dirname, '../../src/cli/contact-sync.mjs');

function contactSync(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('exit codes and streams of the real process', () => {
  test('0: help, version, schema', () => {
    const help = contactSync('help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('4  another process is using the data folder');
    expect(contactSync('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    const schema = contactSync('schema');
    expect([schema.status, JSON.parse(schema.stdout)]).toEqual([0, configJsonSchema()]);
  });

  test.each(['init', 'doctor', 'run', 'sync', 'sweep', 'status', 'approve', 'demo', 'schema'])(
    '0: help of %s has an example',
    (name) => {
      const { status, stdout } = contactSync(name, '--help');
      expect(status).toBe(0);
      expect(stdout).toMatch(new RegExp(`Example:\n  contact-sync ${name}`));
    },
  );

  test('2: bad usage, nothing on standard output', () => {
    for (const args of [[], ['stauts'], ['sync', '--twice'], ['run', 'now'], ['run', '--config']]) {
      const { status, stdout, stderr } = contactSync(...args);
      expect([args, status, stdout]).toEqual([args, 2, '']);
      expect(stderr).not.toContain('    at ');
    }
  });

  test('2: a configuration with problems tells all of them, with file and line', async () => {
    const file = await writeConfig();
    writeFileSync(file, 'tenants: {}\njobs: []\ncolour: 1\n');
    const { status, stdout, stderr } = contactSync('status', '--json', '--config', file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.match(/^.*?:\d+: \w+(?=:)/gm)).toEqual([
      `${file}:1: tenants`,
      `${file}:2: jobs`,
      `${file}:3: colour`,
    ]);
    expect(stderr).toContain('3 problems in the configuration; nothing was started');
    const absent = contactSync('run', '--config', `${file}.not`);
    const [words = [], events = []] = [false, true].map((isEvent) =>
      absent.stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('{') === isEvent),
    );
    expect([absent.status, words.length, events.length]).toEqual([2, 1, 1]);
    expect(JSON.parse(events[0] ?? '')).toMatchObject({ eventId: 115, event: 'run-failed', exitCode: 2 });
  });
});

const start = async (...args: string[]) => {
  const script = fileURLToPath(new URL('./interruptible.ts', import.meta.url));
  const child = spawn(process.execPath, [script, await writeConfig(), ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part) => (stdout += String(part)));
  child.stderr.on('data', (part) => (stderr += String(part)));
  await once(child.stdout, 'data');
  return { child, exit: once(child, 'close'), seen: () => ({ stdout, stderr }) };
};

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: what is in hand is finished, then 0', async (signal) => {
    const { child, exit, seen } = await start();
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
    expect(seen()).toEqual({
      stdout: 'running\ndrained\n',
      stderr: `${signal}: finishing what is in hand; once more to stop at once\n`,
    });
  });

  test('the second one ends a process that does not come to an end', async () => {
    const { child, exit, seen } = await start('deaf');
    child.kill('SIGTERM');
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect(await exit).toEqual([143, null]);
    expect(seen().stdout).toBe('running\n');
  });
});

const line = (version: string): string =>
  `contact-sync needs Node 24.12 or newer and this is ${version}: ` +
  '"npm run contact-sync -- help", in the folder of the program, brings its own.\n';

/** The entry under this Node, which is made to look like another before the entry loads. */
const posing = (version: string) => {
  const pose = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(pose)}`, ENTRY, '--version'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('a Node that is too old', () => {
  test.each(['12.22.0', '20.20.2', '24.11.1'])('%s says so in one line before anything loads', (version) => {
    expect(posing(version)).toEqual({ status: 1, stdout: '', stderr: line(version) });
  });

  test.each(['24.12.0', '26.0.0'])('%s is new enough', (version) => {
    expect(posing(version)).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  const old = oldNode();
  test.skipIf(old === undefined)('the old one of this machine says so as well', () => {
    const { status, stdout, stderr } = spawnSync(old?.path ?? '', [ENTRY, 'run'], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: line(old?.version ?? '') });
  });
});

/** A Node below 24 on the PATH, outside node_modules. */
function oldNode(): { path: string; version: string } | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, 'node');
    if (folder.includes('node_modules') || !existsSync(candidate)) continue;
    const version = spawnSync(candidate, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
    if (Number.parseInt(version, 10) < 24) return { path: candidate, version };
  }
  return undefined;
}
