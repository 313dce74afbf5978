import { chmod, chown, cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../src/kit/data-folder.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { openQueueFile } from '../../src/queue/schema.ts';
import { node } from '../../src/run/doctor/host.ts';
import type { Examined } from '../../src/run/doctor/check.ts';
import { the, troubles, Ward } from './ward.ts';

let ward: Ward;
beforeAll(async () => {
  ward = await Ward.open();
});
afterAll(() => ward.close());

const windows = process.platform === 'win32';

// A check that looks at nothing else.
const versions = (version: string) => ({ versions: { program: '1', node: version } }) as Examined;

describe('Node', () => {
  test.each(['22.18.0', '24.11.1'])('%s is too old', async (version) => {
    const [look] = await node.look(versions(version));
    expect(look).toMatchObject({ state: 'failed', found: expect.stringContaining('24.12 is the oldest') });
    expect(look?.remedy).toContain('brings its own');
  });

  test.each(['24.12.0', '26.1.0'])('%s will do', async (version) => {
    expect(await node.look(versions(version))).toEqual([{ state: 'well', found: version }]);
  });
});

describe.skipIf(windows)('files and their rights', () => {
  test('a key that anybody may read, and a configuration that anybody may write', async () => {
    await chmod(ward.file('app.pem'), 0o644);
    await chmod(ward.file('contact-sync.yaml'), 0o606);
    const { findings, code } = await ward.look();
    expect(code).toBe(1);
    expect(findings.filter(({ check }) => check === 'files')).toEqual([
      {
        check: 'files',
        about: 'contact-sync.yaml',
        state: 'failed',
        found: expect.stringContaining('anybody on this machine may change it'),
        remedy: `chmod o-w ${ward.file('contact-sync.yaml')}`,
      },
      {
        check: 'files',
        about: 'app.pem',
        state: 'failed',
        found: 'anybody on this machine may read this secret',
        remedy: expect.stringContaining(`chmod 600 ${ward.file('app.pem')}`),
      },
    ]);
    // As deploy/README.md has it: root's, and for the group of the service.
    await chmod(ward.file('app.pem'), 0o640);
    await chmod(ward.file('contact-sync.yaml'), 0o640);
    expect(troubles(await ward.look())).toEqual([]);
  });

  test('a folder for the data that cannot be made', async () => {
    await writeFile(ward.file('in-the-way'), '');
    await ward.configure({ more: { data: './in-the-way/data' } });
    expect(the('failed', 'data folder', await ward.look()).found).toMatch(/cannot be made in .* \(E\w+\)$/);
  });
});

describe('secrets', () => {
  test('one that is missing hides nothing else', async () => {
    await ward.configure({ port: 9, keys: ['env:NOT_SET'] });
    const seen = await ward.look();
    expect(the('failed', 'secrets', seen)).toMatchObject({
      about: 'notifications.clientStateKey',
      found: expect.stringMatching(/^line \d+: the environment variable NOT_SET is not set$/),
      remedy: expect.stringContaining('with the environment of the service'),
    });
    expect(the('well', 'token', seen).found).toContain('given for');
    expect(the('skipped', 'handshake', seen).found).toBe('what it takes could not be read');
    expect(seen.code).toBe(1);
  });

  test('the value of none is ever told', async () => {
    await ward.configure({ port: 9, keys: ['env:SHORT'] });
    const seen = await ward.look({ env: { SHORT: 'hunter2' } });
    expect(the('failed', 'secrets', seen).found).toContain('is too short');
    expect(JSON.stringify(seen)).not.toContain('hunter2');
  });
});

const data = (): string => ward.file('data');
const inData = (name: string): string => path.join(data(), name);

const change = (statement: string): void => {
  const database = new SqliteDatabase(inData('ledger.sqlite'));
  database.exec(statement);
  database.close();
};

describe('data folder, ledger and queue', () => {
  beforeAll(async () => {
    const folder = openDataFolder({
      path: data(),
      deployment: null,
      fingerprintKey: null,
      random: systemRandom,
    });
    const ledger = await openLedgerFile({ path: folder.file('ledger.sqlite') });
    await ledger.counters.set('found by sweep', 1);
    await ledger.close();
    openQueueFile({ file: folder.file('queue.sqlite') }).close();
    folder.close();
    await cp(data(), ward.file('kept'), { recursive: true });
  });
  beforeEach(async () => {
    await ward.configure();
    await rm(data(), { recursive: true, force: true });
    await cp(ward.file('kept'), data(), { recursive: true });
    await chmod(data(), 0o700);
  });

  test('are well as a service leaves them', async () => {
    const seen = await ward.look();
    expect(troubles(seen)).toEqual([]);
    expect(the('well', 'ledger', seen).found).toMatch(/of this version$/);
    expect(the('well', 'queue', seen).found).toBe('SQLite, of this version');
  });

  test.each(['ledger', 'queue'])('a %s that is no database any more', async (name) => {
    await writeFile(inData(`${name}.sqlite`), 'x'.repeat(8_192));
    const seen = await ward.look();
    expect(troubles(seen)).toEqual([name]);
    expect(the('failed', name, seen).remedy).toContain('restore the folder from a backup');
  });

  test('a ledger that was cut off', async () => {
    await truncate(inData('ledger.sqlite'), 9_000);
    expect(the('failed', 'ledger', await ward.look()).found).toContain('SQLITE_CORRUPT');
  });

  test('a ledger of a newer version, and of an older one', async () => {
    change("insert into migrations (name, timestamp) values ('0999-later', '2030')");
    expect(the('failed', 'ledger', await ward.look())).toMatchObject({
      found: 'it was written by a newer version of contact-sync',
      remedy: expect.stringContaining('run that version'),
    });
    change("delete from migrations where name in ('0999-later', '0002-crew')");
    expect(the('well', 'ledger', await ward.look()).found).toContain('the next start brings it up to date');
  });

  test('a queue of another version, closed and open', async () => {
    const database = new SqliteDatabase(inData('queue.sqlite'));
    database.pragma('user_version = 99');
    expect(the('failed', 'queue', await ward.look()).found).toContain('another version');
    database.close();
    expect(the('failed', 'queue', await ward.look()).found).toContain('another version');
  });

  test('what waits is counted while somebody has the queue open', async () => {
    const database = openQueueFile({ file: inData('queue.sqlite') });
    expect(the('well', 'queue', await ward.look()).found).toBe('SQLite; 0 messages due, 0 dead');
    database.close();
  });

  test.each([
    ['deployment', 'is missing beside a ledger'],
    ['fingerprint.key', 'is missing: every contact would be written anew'],
  ])('without %s', async (name, found) => {
    await rm(inData(name));
    expect(the('failed', 'data folder', await ward.look())).toMatchObject({
      found: expect.stringContaining(found),
      remedy: expect.stringContaining('from the backup'),
    });
  });

  test('a damaged key', async () => {
    await writeFile(inData('fingerprint.key'), 'nonsense');
    expect(the('failed', 'data folder', await ward.look()).found).toContain('is damaged');
  });

  test('another key than the one that is kept', async () => {
    await ward.configure({ more: { fingerprintKey: 'env:FINGERPRINT_KEY' } });
    const { found } = the(
      'failed',
      'data folder',
      await ward.look({ env: { FINGERPRINT_KEY: 'a key of somebody else, long enough for one' } }),
    );
    expect(found).toContain('fingerprintKey is not the key in');
    await ward.configure();
    the('well', 'data folder', await ward.look());
  });

  test.skipIf(windows)('a folder that others may read', async () => {
    await chmod(data(), 0o755);
    expect(the('failed', 'data folder', await ward.look()).remedy).toBe(`chmod 700 ${data()}`);
  });

  test.skipIf(process.getuid?.() !== 0)('a folder of another user', async () => {
    await chown(data(), 12_345, 12_345);
    const seen = await ward.look();
    expect(the('warning', 'data folder', seen).remedy).toContain('as the user of the service');
    expect(seen.code).toBe(0);
  });

  test('an empty folder, as a service manager makes it, is none of the faults', async () => {
    await rm(data(), { recursive: true });
    await mkdir(data(), { mode: 0o700 });
    expect(troubles(await ward.look())).toEqual([]);
  });
});
