import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../house/sources.ts';
import { install, type Installation } from '../installation.ts';
import { until } from '../until.ts';
import { partsWithCommands } from './runbook-page.ts';
import { Typist } from './typist.ts';

const PART = 'The service or its machine';

let on: Installation;
let typist: Typist;
beforeAll(async () => {
  on = await install({ people: 12, mailboxes: 2, seed: 92 });
  await on.configure({ port: undefined });
  typist = await Typist.at(on, 'Before anything', PART);
  typist.machine.start();
  await settled();
});
afterAll(async () => {
  await typist.close();
  await on.close();
});

const beside = (...names: readonly string[]): string => path.join(on.folder, ...names);
const data = (...names: readonly string[]): string => path.join(on.folder, 'data', ...names);

async function settled(): Promise<void> {
  await on.untilRight();
  await until(async () => (await on.look()).jobs[0]?.behind === 0);
  expect(on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
}

/** The file and its log are none of SQLite's any more. */
async function damage(database: string): Promise<void> {
  await typist.machine.stop();
  for (const rest of ['-wal', '-shm']) await rm(data(`${database}${rest}`), { force: true });
  await writeFile(data(database), 'no database, '.repeat(500));
}

async function said(...command: readonly [string, ...string[]]): Promise<string> {
  const { code, stderr } = await on.run(...command);
  expect(code).toBe(1);
  return stderr;
}

test('the parts that hold commands are those that are typed', () => {
  expect(partsWithCommands()).toEqual([
    'Before anything',
    'Contacts are wrong, or about to be',
    PART,
    "Microsoft's side",
  ]);
});

test('a first look', async () => {
  await typist.type('Before anything');
  const seen = await typist.type('Before anything');
  seen.shows('all right', '0 dead', 'Nothing is wrong');
  expect(seen.output).toContain('sweep done');
});

test('it does not run', async () => {
  const title = 'It does not run';
  await typist.machine.stop();
  const [file, away] = ['app.pem', 'away.pem'].map((name) => path.join(on.folder, name));
  await rename(file ?? '', away ?? '');
  typist.machine.start();
  await until(() => typist.machine.said().includes('nothing was started'));
  const seen = await typist.type(title);
  expect(seen.output).toContain('FAILED');
  await rename(away ?? '', file ?? '');
  await typist.type(title);
  await settled();
});

test('the disk is full: the commands, on a disk that is not', async () => {
  const title = 'The disk is full';
  const seen = await typist.type(title);
  expect(seen.output).toContain('ledger.sqlite');
  (await typist.type(title)).shows('all right');
});

test('the ledger is damaged', async () => {
  const title = 'The ledger is lost or damaged';
  const before = on.compare().contacts;
  await damage('ledger.sqlite');
  typist.seen(title, await said('status')).shows('file is not a database');
  await typist.type(title);
  (await typist.type(title)).shows('all right');
  await settled();
  expect(on.compare().contacts).toBe(before);
});

test('the queue is damaged', async () => {
  const title = 'The queue is lost or damaged';
  await damage('queue.sqlite');
  typist.seen(title, await said('sync', '--once')).shows('the queue cannot be written');
  await typist.type(title);
  const words = 'the queue is new and the ledger is not';
  await until(() => typist.machine.said().includes(words));
  typist.seen(title, typist.machine.said()).shows(words);
  await settled();
});

test('to another machine', async () => {
  const title = 'To another machine';
  const { deployment } = await on.look();
  await typist.type(title);
  // The key and the ledger are in it.
  expect((await stat(beside('desk', 'contact-sync-data.tar.gz'))).mode & 0o077).toBe(0);
  await rm(data(), { recursive: true });
  await mkdir(data(), { mode: 0o700 });
  (await typist.type(title)).shows('Deployment');
  await settled();
  expect((await on.look()).deployment).toBe(deployment);
});

const noteIn = (folder: string): Promise<string> => readFile(beside(folder, 'note'), 'utf8');

/** From one version to the next, with something in the data by which it is known. */
async function upgrade(versions: Readonly<Record<string, string>>, note: string): Promise<void> {
  await writeFile(data('note'), note);
  await typist.type('Upgrade', versions);
  await typist.type('Upgrade', versions);
  const plan = await typist.type('Upgrade', versions);
  expect(plan.output).toContain('0 to create, 0 to change, 0 to remove');
  await settled();
}

test('upgrade, and the next one, and back from that', async () => {
  await upgrade({}, 'first');
  expect(typist.machine.asked).toEqual([
    `${ROOT}: git fetch --tags`,
    `${ROOT}: git checkout v0.2.0`,
    `${ROOT}: npm ci --omit=dev`,
  ]);
  const next = { 'v0.2.0': 'v0.3.0', 'v0.1.0': 'v0.2.0' };
  typist.anew('Upgrade');
  await upgrade(next, 'second');
  expect(await Promise.all(['data.v0.1.0', 'data.v0.2.0'].map(noteIn))).toEqual(['first', 'second']);
  // Once more from a version that has its copy: nothing is nested in it, nor copied over it.
  await writeFile(data('note'), 'third');
  typist.anew('Upgrade');
  await expect(typist.type('Upgrade', next)).rejects.toThrow('File exists');
  expect(await noteIn('data.v0.2.0')).toBe('second');
  expect(await readdir(beside('data.v0.2.0'))).not.toContain('data');
  await rename(beside('data.v0.2.0'), beside('data.older'));
  typist.anew('Upgrade');
  await upgrade(next, 'fourth');
  // As the newer version would have left it.
  await typist.machine.stop();
  const ledger = new Database(data('ledger.sqlite'));
  ledger
    .prepare("insert into migrations (name, timestamp) values ('0099-later', '2027-01-01T00:00:00Z')")
    .run();
  ledger.close();
  await writeFile(data('note'), 'of the newer version');
  (await typist.type('Downgrade', next)).shows('was written by a newer version of contact-sync');
  await settled();
  expect(await Promise.all(['data', 'data.v0.3.0'].map(noteIn))).toEqual(['fourth', 'of the newer version']);
});

test('every command of this part was typed', async () => {
  expect(typist.untyped()).toEqual([]);
  await typist.machine.stop();
  expect(on.tenant.oracles.violations).toEqual([]);
});
