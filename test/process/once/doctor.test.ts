import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consult, of, troubles } from '../consultation.ts';
import { install, type Installation } from '../installation.ts';
import { startProgram, type Program } from '../program.ts';
import { until } from '../until.ts';

const CHECKS = [
  'configuration',
  'version',
  'node',
  'files',
  'data folder',
  'ledger',
  'queue',
  'certificate',
  'clock',
  'token',
  'permissions',
  'groups',
  'mailbox',
  'tls chain',
  'handshake',
  'subscriptions',
];

let on: Installation;
beforeAll(async () => {
  on = await install({ people: 12, mailboxes: 3, seed: 81 });
});
afterAll(() => on.close());

/** Every file of the installation with its content, its mode and its time. */
function picture(): Record<string, string> {
  const names = readdirSync(on.folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const file = path.join(on.folder, name);
      const stats = statSync(file);
      const digest = createHash('sha256').update(stats.isFile() ? readFileSync(file) : '');
      return [name, `${stats.mode} ${stats.mtimeMs} ${digest.digest('hex')}`];
    }),
  );
}

/** What was asked of the tenant beside reads and tokens. */
const otherCalls = (): string[] =>
  [...on.tenant.counts.keys()].filter((name) => !/^GET |^(?:token|openid-configuration)$/.test(name));

describe('before the first start', () => {
  test('everything is looked at in its order, nothing is wrong, and nothing was written', async () => {
    const before = picture();
    const seen = await consult(on);
    expect(seen.findings.filter(({ state }) => state !== 'well' && state !== 'skipped')).toEqual([]);
    expect([seen.code, seen.well]).toEqual([0, true]);
    expect([...new Set(seen.findings.map(({ check }) => check))]).toEqual(CHECKS);
    expect(picture()).toEqual(before);
    expect(on.tenant.counts.size).toBeGreaterThan(4);
    expect(otherCalls()).toEqual([]);
    expect(on.tenant.denials).toEqual(new Map());
  });

  test('it listens itself while it tries the handshake, and what does not exist yet is told as that', async () => {
    const seen = await consult(on);
    expect(
      of(seen, 'handshake', 'well').map(({ about, found }) => [about, found.replace(/\d+/, 'N')]),
    ).toEqual([
      ['notifications', 'answered by a stand-in in N ms'],
      ['lifecycle', 'answered by a stand-in in N ms'],
    ]);
    expect(seen.findings.filter(({ state }) => state === 'skipped').map(({ check }) => check)).toEqual([
      'data folder',
      'ledger',
      'queue',
      'tls chain',
      'subscriptions',
    ]);
  });

  test('sizes, ids and the thumbprint are told, and nothing of a person', async () => {
    const { stdout, stderr, code } = await on.run('doctor');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`ok +groups +staff ${on.population.source.id}: 12 people \\(shown\\)`));
    expect(stdout).toMatch(/thumbprint [0-9A-F]{40}; until \d{4}-\d\d-\d\d/);
    expect(stdout).toMatch(/\nNothing is wrong in 18 lines, 5 not looked at\.\n$/);
    for (const { displayName, mail } of on.population.people) {
      expect(stdout).not.toContain(displayName);
      expect(stdout).not.toContain(mail);
    }
  });
});

describe('beside a running service', () => {
  let service: Program;
  beforeAll(async () => {
    service = on.start('run');
    await until(() => on.tenant.subscriptions.all().length === 2 && service.said().includes('sweep done'), {
      else: () => service.said(),
    });
    await on.untilRight();
  });

  test('all is well, the service answers, and its subscriptions are alive', async () => {
    const seen = await consult(on);
    expect(troubles(seen)).toEqual([]);
    expect(seen.code).toBe(0);
    expect(of(seen, 'handshake', 'well')).toHaveLength(2);
    expect(of(seen, 'handshake')[0]?.found).toContain('answered by the service');
    expect(of(seen, 'subscriptions', 'well').map(({ about }) => about)).toEqual([
      'contoso users',
      'contoso groups',
    ]);
    expect(of(seen, 'ledger')[0]?.found).toMatch(/^SQLite 3\.\d+\.\d+, of this version$/);
    expect(of(seen, 'queue')[0]?.found).toMatch(/^SQLite; \d+ messages due, 0 dead$/);
  });

  test('a subscription that Graph lost, and one that leads elsewhere, are named with what to do', async () => {
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
    const [users, groups] = on.tenant.subscriptions.all();
    if (users === undefined || groups === undefined) throw new Error('There are two.');
    groups.expiresAt -= 4 * 86_400_000;
    expect(of(await consult(on), 'subscriptions', 'warning')).toMatchObject([
      { about: 'contoso groups', found: expect.stringMatching(/ and was not renewed for days$/) },
    ]);
    on.tenant.subscriptions.delete(users.id);
    const lost = of(await consult(on), 'subscriptions', 'failed');
    expect(lost).toMatchObject([
      { about: `contoso ${users.resource}`, found: expect.stringContaining('no subscription') },
    ]);
    expect(lost[0]?.remedy).toContain('the service runs');
    await on.configure({
      more: {
        notifications: {
          publicUrl: 'http://127.0.0.1:9',
          listen: '127.0.0.1:0',
          clientStateKey: 'env:CONTACT_SYNC_CLIENT_STATE_KEY',
        },
      },
    });
    const elsewhere = of(await consult(on), 'subscriptions', 'failed');
    await on.configure();
    expect(elsewhere.map(({ found }) => found)).toContainEqual(
      expect.stringContaining('leads to another URL'),
    );
  });

  test('after the service has stopped the stores are looked at without leaving a trace', async () => {
    const before = picture();
    const seen = await consult(on);
    expect(picture()).toEqual(before);
    expect(of(seen, 'ledger', 'well')).toHaveLength(1);
    expect(of(seen, 'queue', 'well')).toHaveLength(1);
    expect(of(seen, 'data folder', 'well')).toHaveLength(1);
  });
});

const started = (env: Readonly<Record<string, string>>) =>
  startProgram(['doctor', '--config', path.join(on.folder, 'contact-sync.yaml')], {
    NODE_EXTRA_CA_CERTS: path.join(on.folder, 'authority.pem'),
    CONTACT_SYNC_CLIENT_STATE_KEY: 'k'.repeat(48),
    ...env,
  }).ended;

describe('on a machine that', () => {
  test('has the wrong time: clock and token say the same', async () => {
    const late =
      'const D = Date; const now = () => D.now() + 900_000; ' +
      'globalThis.Date = class extends D { static now = now; constructor(...a) { super(...(a.length ? a : [now()])) } }';
    const { code, stdout } = await started({
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(late)}`,
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +clock +contoso: the clock is (?:899|900) s ahead of https:/);
    expect(stdout).toMatch(
      /FAILED +token .*AADSTS700024.*\n +remedy: the clock is wrong: see the check "clock"/,
    );
  });

  test('does not believe the login host', async () => {
    const { code, stdout } = await started({ NODE_EXTRA_CA_CERTS: '' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +clock .*cannot be reached \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/);
    expect(stdout).toMatch(/FAILED +token .*\n +remedy: .*NODE_EXTRA_CA_CERTS/);
  });
});
