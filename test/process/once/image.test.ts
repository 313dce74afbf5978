import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import {
  argumentsOf,
  copyAsTheBuilder,
  dockerfileText,
  instructionsOf,
  only,
} from '../../deploy/dockerfile.ts';
import { CURRENT_KEY } from '../configuration.ts';
import { freePort } from '../free-port.ts';
import { install, type Installation } from '../installation.ts';
import { until } from '../until.ts';

/** `node` in the image. */
const NODE_USER = 1_000;
const instructions = instructionsOf(dockerfileText);
const isRoot = process.getuid?.() === 0;

let folder = '';
let app = '';
/** The Node of this process, where anybody can start it. */
let node = '';

/** What the image would hold: the copied files and the packages, nothing of it writable for anybody. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-image-'));
  app = path.join(folder, 'app');
  node = path.join(folder, 'node');
  copyFileSync(process.execPath, node);
  await copyAsTheBuilder(instructions, app);
  const install = instructions.find(({ name, rest }) => name === 'RUN' && rest.startsWith('npm ci'));
  // What a clean clone has installed just now is in npm's cache.
  const command = install?.rest.replace('npm ci', 'npm ci --prefer-offline --no-audit') ?? 'false';
  execFileSync('sh', ['-c', command], { cwd: app, stdio: 'pipe' });
  chmodSync(folder, 0o755);
  execFileSync('chmod', ['-R', 'a-w,a+rX', app]);
}, 300_000);

afterAll(() => {
  execFileSync('chmod', ['-R', 'u+w', app]);
  rmSync(folder, { recursive: true, force: true });
});

/** As in the container: nobody in particular, no packages on the path, nowhere to write but the data folder. */
function start(
  args: readonly string[],
  { cwd = '/', env = {} }: { cwd?: string; env?: object } = {},
): ChildProcess {
  const [, entry = ''] = argumentsOf(only(instructions, 'ENTRYPOINT'));
  return spawn(node, [entry.replace(/^\/app/, app), ...args], {
    cwd,
    env: {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      HOME: '/nonexistent',
      TMPDIR: '/nonexistent',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot ? { uid: NODE_USER, gid: NODE_USER } : {}),
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (err += part));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

function handOver(to: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${NODE_USER}:${NODE_USER}`, to]);
}

test('it holds no package of development, no second Node and no tests', () => {
  expect(readdirSync(app).toSorted()).toEqual([
    '.npmrc',
    'LICENSE',
    'node_modules',
    'package-lock.json',
    'package.json',
    'src',
    'webhooks',
  ]);
  const { packages } = JSON.parse(readFileSync(path.join(app, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const unwanted = Object.keys(packages).filter((place) => packages[place]?.dev === true);
  expect(unwanted.length).toBeGreaterThan(50);
  for (const place of [...unwanted, 'node_modules/node', 'node_modules/.bin'])
    expect(existsSync(path.join(app, place)), place).toBe(false);
});

test('every package that the program names is there, native ones with what they need', () => {
  const { resolve } = createRequire(path.join(app, 'src/cli/main.ts'));
  for (const name of Object.keys(manifest.dependencies).filter((one) => one !== 'node'))
    expect(resolve(name), name).toContain(app);
  const load =
    "await import('better-sqlite3').then((m) => new m.default(':memory:').prepare('select 1').get()); await import('sharp').then((m) => m.default({ create: { width: 9, height: 9, channels: 3, background: 'red' } }).jpeg().toBuffer())";
  execFileSync(process.execPath, ['--input-type=module', '-e', load], { cwd: app });
});

test('schema and help work; the demo says that it is not part of it', async () => {
  const schema = await ended(start(['schema']));
  expect(schema).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(schema.out)).toHaveProperty('properties.tenants');
  expect(await ended(start(['help']))).toMatchObject({ code: 0, err: '' });
  const demo = await ended(start(['demo']));
  expect(demo).toMatchObject({ code: 2, out: '' });
  expect(demo.err).toContain('not part of this installation');
});

test('run fills every mailbox, is healthy, and ends on SIGTERM', async () => {
  const installation: Installation = await install({ seed: 5, people: 12, mailboxes: 2 });
  const port = await freePort();
  await installation.configure({ port });
  handOver(installation.folder);
  const child = start(['run'], {
    cwd: installation.folder,
    env: {
      NODE_EXTRA_CA_CERTS: path.join(installation.folder, 'authority.pem'),
      [CURRENT_KEY]: 'k'.repeat(48),
    },
  });
  const end = ended(child);
  try {
    // Everything is read from disk for the first time here.
    await until(() => installation.compare().divergences.length === 0, { withinMs: 120_000 });
    // The check as the image has it, with the port that the test listens on.
    const [, ...check] = argumentsOf(only(instructions, 'HEALTHCHECK'));
    const health = async (at: number): Promise<number | null> => {
      const asking = spawn(process.execPath, check, { env: { CONTACT_SYNC_HEALTH_PORT: String(at) } });
      return (await ended(asking)).code;
    };
    expect([await health(port), await health(await freePort())]).toEqual([0, 1]);
    await until(() => installation.tenant.notifier.pending === 0);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await end).toMatchObject({ code: 0 });
  await installation.close();
}, 180_000);
