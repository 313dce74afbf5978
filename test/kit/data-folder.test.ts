import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolderFault } from '../../src/kit/data-folder-fault.ts';
import { HeldByAnother } from '../../src/kit/held-by-another.ts';
import { openDataFolder, viewDataFolder, type DataFolder } from '../../src/kit/data-folder.ts';
import { systemRandom } from '../../src/kit/random.ts';

const HOLDER = fileURLToPath(new URL('./hold-data-folder.ts', import.meta.url));
let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'contact-sync-')), 'data');
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
});

function open(given: { deployment?: string; fingerprintKey?: Uint8Array } = {}): DataFolder {
  const { deployment = null, fingerprintKey = null } = given;
  return openDataFolder({ path: folder, deployment, fingerprintKey, random: systemRandom });
}

/** Another process that has the folder; resolves once it has. */
async function hold(): Promise<{ child: ChildProcess; deployment: string }> {
  const child = spawn(process.execPath, [HOLDER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, deployment: String(line).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const text = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const mode = (name: string): number => statSync(path.join(folder, name)).mode & 0o777;

describe('the first start', () => {
  test('may be told the key, and keeps that one, whatever a later start is told', () => {
    const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    for (const firstKey of [one, other]) {
      const options = {
        path: folder,
        deployment: null,
        fingerprintKey: null,
        firstKey,
        random: systemRandom,
      };
      const opened = openDataFolder(options);
      expect(Buffer.from(opened.fingerprintKey)).toEqual(Buffer.from(one));
      opened.close();
    }
  });

  test('makes folder, id and key for their owner alone; the second finds them', () => {
    const first = open();
    expect(first.deployment).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(first.fingerprintKey).toHaveLength(32);
    expect(first.file('queue.db')).toBe(path.join(folder, 'queue.db'));
    expect([mode('.'), mode('deployment'), mode('fingerprint.key')]).toEqual([0o700, 0o600, 0o600]);
    first.close();

    const second = open();
    expect(second.deployment).toBe(first.deployment);
    expect(Buffer.from(second.fingerprintKey)).toEqual(Buffer.from(first.fingerprintKey));
    second.close();
  });

  test('takes what is given, and remembers the id', () => {
    const key = Buffer.alloc(40, 7);
    const given = open({ deployment: 'production', fingerprintKey: key });
    expect([given.deployment, given.fingerprintKey]).toEqual(['production', key]);
    given.close();
    expect(() => text('fingerprint.key')).toThrow('ENOENT');
    expect(viewDataFolder(folder).deployment).toBe('production');
    expect(() => open({ deployment: 'staging' })).toThrow(
      /^deployment differs from the one .* was started with/,
    );
    open({ deployment: 'production' }).close();
  });
});

describe('what must never happen silently', () => {
  test('another key beside the one that is kept, which would make every contact look changed', () => {
    open().close();
    open({ fingerprintKey: Buffer.from(text('fingerprint.key').trim(), 'hex') }).close();
    expect(() => open({ fingerprintKey: new Uint8Array(32) })).toThrow('fingerprintKey is not the key in');
    open().close();
  });

  test('a new id beside an old ledger, which would put every contact twice', () => {
    const first = open();
    writeFileSync(first.file('ledger.db'), '');
    first.close();
    rmSync(path.join(folder, 'deployment'));
    expect(() => open()).toThrow(/deployment is missing beside a database/);
    open({ deployment: first.deployment }).close();
  });

  test.each(['deployment', 'fingerprint.key'])('a damaged %s replaced by a new one', (name) => {
    open().close();
    const file = path.join(folder, name);
    writeFileSync(file, '');
    expect(() => open()).toThrow(new DataFolderFault(`${file} is damaged: restore it from a backup`));
    expect(text(name)).toBe('');
    // The refusal has given the lock back.
    expect(() => open()).toThrow(DataFolderFault);
  });

  test('a folder that cannot be made is told in one line', () => {
    writeFileSync(path.dirname(folder) + '/file', '');
    const options = { deployment: null, fingerprintKey: null, random: systemRandom };
    expect(() => openDataFolder({ ...options, path: `${path.dirname(folder)}/file/data` })).toThrow(
      /^the data folder .* \(ENOTDIR\)$/,
    );
  });
});

describe('the lock', () => {
  test('keeps out a second process and a second opening, and names the holder', async () => {
    const { child, deployment } = await hold();
    expect(() => open()).toThrow(HeldByAnother);
    expect(() => open()).toThrow(
      new RegExp(`^${folder} is in use by process ${child.pid} on \\S+: one process at a time`),
    );
    expect(viewDataFolder(folder).deployment).toBe(deployment);
    await kill(child);

    const own = open();
    expect(() => open()).toThrow(new RegExp(`in use by process ${process.pid} `));
    own.close();
    own.close();
    open().close();
  });

  test('goes with its process, also after kill -9, ten times over', async () => {
    const ids = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const { child, deployment } = await hold();
      ids.add(deployment);
      await kill(child);
      open().close();
    }
    expect(ids.size).toBe(1);
  });

  test('among many who start at once, one gets it', async () => {
    const starts = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [HOLDER, folder], { stdio: 'pipe' }),
    );
    children.push(...starts);
    const outcomes = await Promise.all(
      starts.map((child) =>
        Promise.race([
          once(child.stdout, 'data').then(() => 'held'),
          once(child, 'exit').then(() => 'refused'),
        ]),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['held', 'refused', 'refused', 'refused']);
  });

  test('a stale note about the holder hinders nobody', () => {
    open().close();
    writeFileSync(path.join(folder, 'holder'), 'process 1 on elsewhere\n');
    open().close();
  });
});

test('a look before the first start says so, and makes nothing', () => {
  expect(() => viewDataFolder(folder)).toThrow(/there is no data in .* yet: start the service once/);
  expect(() => statSync(folder)).toThrow('ENOENT');
});
