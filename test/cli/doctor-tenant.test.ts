import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { makeCertificate } from '../../src/kit/self-signed.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { the, troubles, Ward } from './ward.ts';

const DAY_MS = 86_400_000;
const NOBODYS = '6a1f0a2e-7b1c-4d55-9d39-0f4b8c2d7e10';

let ward: Ward;
let pem: string;

/** A certificate that was made so many days ago, in place of the registered one. */
async function certificateOf(daysAgo: number): Promise<string> {
  const clock = { ...systemClock, now: () => systemClock.now() - daysAgo * DAY_MS };
  const made = await makeCertificate({ name: 'contact-sync', months: 12 }, { clock, random: systemRandom });
  await writeFile(ward.file('app.pem'), made.certificate + made.key, { mode: 0o600 });
  return made.certificate;
}

describe('the app proves itself, or the doctor says why it cannot', () => {
  beforeAll(async () => {
    ward = await Ward.open();
    pem = await readFile(ward.file('app.pem'), 'utf8');
  });
  afterEach(async () => {
    await ward.configure();
    await writeFile(ward.file('app.pem'), pem, { mode: 0o600 });
  });
  afterAll(() => ward.close());

  test('nothing is wrong to begin with', async () => {
    const seen = await ward.look();
    expect(troubles(seen)).toEqual([]);
    expect(seen).toMatchObject({ code: 0, stderr: '' });
  });

  test('a certificate that nobody uploaded: one failure, and what needs a token is not looked at', async () => {
    await certificateOf(0);
    const seen = await ward.look();
    expect(seen.code).toBe(1);
    expect(troubles(seen)).toEqual(['token']);
    expect(the('failed', 'token', seen)).toMatchObject({
      about: 'contoso',
      found: 'the token endpoint refused the credential (401 AADSTS700027)',
      remedy: expect.stringContaining('upload the certificate (the public part)'),
    });
    for (const check of ['permissions', 'groups', 'mailbox'])
      expect(the('skipped', check, seen).found).toBe('there is no token to ask with');
  });

  test.each([
    ['clientId', { clientId: NOBODYS }, `there is no app ${NOBODYS}`],
    ['tenantId', { tenantId: NOBODYS }, `there is no tenant ${NOBODYS}`],
  ])('a wrong %s', async (_what, changes, remedy) => {
    await ward.configure(changes);
    expect(the('failed', 'token', await ward.look()).remedy).toContain(remedy);
  });

  test('a certificate that has ended, ends soon, or is not good yet', async () => {
    ward.tenant.registerCertificate(await certificateOf(400));
    const ended = the('failed', 'certificate', await ward.look());
    expect(ended.found).toMatch(/^it ended on \d{4}-\d\d-\d\d$/);
    expect(ended.remedy).toContain('upload it beside the old one');
    ward.tenant.registerCertificate(await certificateOf(350));
    const soon = await ward.look();
    expect(the('warning', 'certificate', soon).found).toMatch(/^it ends on \S+, in 1[45] days$/);
    expect(soon.code).toBe(0);
    await certificateOf(-2);
    expect(the('failed', 'certificate', await ward.look()).found).toMatch(
      /^it is good from \S+ on, not yet$/,
    );
  });

  test('a key that belongs to another certificate, and a file that is not there', async () => {
    const [, key = ''] = /(-----BEGIN (?:RSA )?PRIVATE KEY-----[^]*)/.exec(pem) ?? [];
    await certificateOf(0);
    const other = await readFile(ward.file('app.pem'), 'utf8');
    await writeFile(ward.file('app.pem'), other.replace(/-----BEGIN PRIVATE KEY-----[^]*/, key));
    const seen = await ward.look();
    expect(the('failed', 'certificate', seen)).toMatchObject({
      about: 'tenants.contoso.credential.certificate',
      found: expect.stringContaining('a private key that does not belong'),
    });
    expect(seen.findings.filter(({ check }) => check === 'clock')).toMatchObject([{ state: 'skipped' }]);
    await ward.configure({ certificate: './nowhere.pem' });
    expect(the('failed', 'certificate', await ward.look()).found).toContain('cannot be read (ENOENT)');
  });

  test('a clock that is ten minutes ahead, two minutes behind, or a second off', async () => {
    // Made a while ago: it is not the certificate that is too young.
    ward.tenant.registerCertificate(await certificateOf(10));
    const ahead = await ward.look({ aheadMs: 600_000 });
    expect(the('failed', 'clock', ahead).found).toMatch(
      /^the clock is (?:599|600) s ahead of https:\/\/login/,
    );
    expect(ahead.code).toBe(1);
    const behind = await ward.look({ aheadMs: -120_000 });
    expect(the('warning', 'clock', behind).found).toMatch(
      /^the clock is 1(?:19|20) s behind https:\/\/login/,
    );
    expect(behind.code).toBe(0);
    expect(troubles(await ward.look({ aheadMs: 1_000 }))).toEqual([]);
  });

  test.each([
    ['ECONNREFUSED', 'check the network'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
  ])('a login host behind %s', async (code, remedy) => {
    const cloud = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));
    const seen = await ward.look({ cloud });
    expect(troubles(seen)).toEqual(['clock', 'token']);
    expect(the('failed', 'clock', seen).found).toBe(
      `https://login.microsoftonline.com cannot be reached (${code})`,
    );
    expect(the('failed', 'token', seen).remedy).toContain(remedy);
  });

  test('ids that init left open are named, and nobody is asked about them', async () => {
    const none = '00000000-0000-0000-0000-000000000000';
    await ward.configure({ tenantId: none, clientId: none, jobs: { staff: { groups: [none] } } });
    const asked: string[] = [];
    const seen = await ward.look({ cloud: ({ url }) => Promise.reject(new Error(String(asked.push(url)))) });
    expect(
      seen.findings.filter(({ check, state }) => check === 'configuration' && state === 'failed'),
    ).toMatchObject([
      { about: 'contoso', found: 'tenantId is still to be filled in' },
      { about: 'contoso', found: 'clientId is still to be filled in' },
      { about: 'staff', found: 'the group of its source is still to be filled in' },
    ]);
    expect(asked).toEqual([]);
  });
});
