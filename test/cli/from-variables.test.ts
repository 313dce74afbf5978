import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld } from './fake-world.ts';
import { A, APP, B, HUB, OTHER, P, SECRET, SINGLE, TENANT, USER, type Variables } from './mirroring.ts';

const json = JSON.stringify;
const ALLOW = 'CONTACT_SYNC_ALLOW_CLIENT_SECRET';
const home = process.cwd();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'from-variables-'));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

/** `sync --once` with these variables, and what the service was opened with. */
async function sync(env: Variables, ...args: readonly string[]) {
  const { world, seen } = fakeWorld({ env });
  const code = await execute(['sync', '--once', ...args], world);
  for (const secret of [SECRET, OTHER.ClientSecret]) expect(seen.stdout + seen.stderr).not.toContain(secret);
  return { code, ...seen };
}

/** The same where it starts. */
async function started(env: Variables) {
  const seen = await sync({ [ALLOW]: 'yes', ...env });
  if (seen.code !== 0 || !seen.config) throw new Error(seen.stderr);
  return { ...seen, config: seen.config };
}

const without = (key: keyof typeof SINGLE): Variables =>
  Object.fromEntries(Object.entries(SINGLE).filter(([name]) => name !== key));

describe('sync --once without a file', () => {
  test('starts from the variables, and leaves nothing but what the service makes', async () => {
    const { config, stderr } = await started(SINGLE);
    expect(config).toMatchObject({
      tenants: [{ tenantId: A, clientId: APP, credential: { kind: 'clientSecret' } }],
      jobs: [{ kind: 'mirror', members: { kind: 'licensed' }, hub: { mailbox: HUB } }],
      data: path.join(process.cwd(), 'data'),
    });
    const [tenant] = config.tenants;
    expect(tenant?.credential.kind === 'clientSecret' && tenant.credential.secret.text()).toBe(SECRET);
    expect(stderr).toContain('there is no contact-sync.yaml: this starts from the variables');
    expect(stderr).toContain(`the deployment is ${config.deployment}; CONTACT_SYNC_DEPLOYMENT keeps it`);
    expect(await readdir('.')).toEqual([]);
  });

  test.each(['true', '1', 'Yes', 'y'])('%s allows the secret, and asks for a dry run', async (word) => {
    expect((await sync({ ...SINGLE, [ALLOW]: word })).code).toBe(0);
    const dry = await sync({ ...SINGLE, [ALLOW]: word, [`${P}DRY_RUN`]: word });
    expect([dry.code, dry.config]).toEqual([0, undefined]);
    expect(dry.stdout).toContain('nothing was written');
  });

  test('what names them follows from the ids alone: neither place nor domain nor further tenants', async () => {
    const first = await started({ [`${P}MICROSOFT_TENANTS_JSON`]: json([TENANT]) });
    const more = [{ ...TENANT, PrimaryDomain: 'contoso.com', TestUserList: [USER] }, OTHER];
    const second = await started({ [`${P}CONFIG_JSON`]: json({ MicrosoftTenants: more }) });
    const single = await started(SINGLE);
    for (const { config } of [second, single]) {
      expect(config.deployment).toBe(first.config.deployment);
      expect(config.firstKey?.text()).toBe(first.config.firstKey?.text());
      expect([config.firstKey?.text().length, config.fingerprintKey]).toEqual([64, null]);
      expect(config.jobs[0]?.id).toBe(first.config.jobs[0]?.id);
    }
    expect(second.config.jobs.map(({ id }) => id)).toEqual([
      'tenant-7b2f9c1e53-contacts',
      'tenant-2d4a7f108f-contacts',
    ]);
    const another = await started({ ...SINGLE, [`${P}GLOBAL_ADDRESS_BOOK_USER_ID`]: USER });
    expect(another.config.deployment).not.toBe(first.config.deployment);
  });

  test('id and key may be given', async () => {
    const given = {
      CONTACT_SYNC_DEPLOYMENT: 'production',
      CONTACT_SYNC_FINGERPRINT_KEY: 'k'.repeat(40),
    };
    const { config } = await started({ ...SINGLE, ...given });
    expect([config.deployment, config.fingerprintKey?.text()]).toEqual(['production', 'k'.repeat(40)]);
    const short = await sync({ ...SINGLE, [ALLOW]: '1', CONTACT_SYNC_FINGERPRINT_KEY: 'short' });
    expect([short.code, short.stderr]).toEqual([
      2,
      expect.stringMatching(/^.*fingerprintKey: .*too short.*\n$/),
    ]);
  });

  test('--job means one of theirs', async () => {
    const one = await sync({ ...SINGLE, [ALLOW]: '1' }, '--job', 'tenant-7b2f9c1e53-contacts');
    expect([one.code, one.config?.onlyJob]).toEqual([0, 'tenant-7b2f9c1e53-contacts']);
    const none = await sync({ ...SINGLE, [ALLOW]: '1' }, '--job', 'staff');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no job staff in')]);
  });

  test.each<[string, Variables, RegExp]>([
    [
      'no hub',
      without(`${P}GLOBAL_ADDRESS_BOOK_USER_ID`),
      /: AUTOMATION_SYNCCONTACTS_GLOBAL_ADDRESS_BOOK_USER_ID is missing$/,
    ],
    ['no app', without(`${P}CLIENT_ID`), /AUTOMATION_SYNCCONTACTS_CLIENT_ID is missing, or is no GUID$/],
    ['no tenant', without(`${P}TENANT_ID`), /AUTOMATION_SYNCCONTACTS_TENANT_ID is missing$/],
    [
      'no secret',
      without(`${P}CLIENT_SECRET`),
      /AUTOMATION_SYNCCONTACTS_CLIENT_SECRET is missing, and there is no certificate/,
    ],
    [
      'addresses',
      {
        [`${P}MICROSOFT_TENANTS_JSON`]: json([
          { ...TENANT, TestUserList: [USER, 'ann@contoso.com', 'bob@contoso.com'] },
        ]),
      },
      /MICROSOFT_TENANTS_JSON\[0\]\/TestUserList\[1\] is no GUID: .* \(and 1 more\)$/,
    ],
    ['no JSON', { [`${P}CONFIG_JSON`]: `{"ClientSecret":"${SECRET}"` }, /CONFIG_JSON is no JSON$/],
    [
      'a tenant twice',
      { [`${P}MICROSOFT_TENANTS_JSON`]: json([TENANT, { ...OTHER, TenantId: A }]) },
      /MICROSOFT_TENANTS_JSON\[1\]\/TenantId names a tenant that was named before/,
    ],
    [
      'no word that allows a secret',
      { ...SINGLE, [ALLOW]: 'maybe' },
      /CLIENT_SECRET is a client secret: .*Set CONTACT_SYNC_ALLOW_CLIENT_SECRET=true/,
    ],
  ])('%s is refused in one line that names the variable', async (_what, env, words) => {
    const { code, stderr, stdout, config } = await sync({ [ALLOW]: 'true', ...env });
    expect([code, stdout, config]).toEqual([2, '', undefined]);
    expect(stderr.trimEnd()).toMatch(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('@contoso.com');
    expect(await readdir('.')).toEqual([]);
  });

  test('a file that is named and missing is no reason to start from them', async () => {
    const { code, stderr } = await sync({ ...SINGLE, [ALLOW]: '1' }, '--config', 'other.yaml');
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no file other.yaml')]);
  });

  test('with neither file nor variables it is as ever', async () => {
    const { code, stderr } = await sync({ [`${P}DRY_RUN`]: 'true' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no file contact-sync.yaml')]);
  });

  test('no other command starts from them', async () => {
    const { world, seen } = fakeWorld({ env: { ...SINGLE, [ALLOW]: '1' } });
    expect(await execute(['run'], world)).toBe(2);
    expect(seen.stderr).toContain('there is no file contact-sync.yaml');
  });
});

test('a file goes before them, and that is said', async () => {
  const made = fakeWorld({ env: SINGLE });
  expect(await execute(['import', 'mirroring'], made.world)).toBe(0);
  const { code, stderr, config } = await sync({ ...SINGLE, [`${P}TENANT_ID`]: B });
  expect([code, config?.tenants[0]?.tenantId]).toEqual([0, A]);
  expect(stderr).toBe(
    'contact-sync: contact-sync.yaml counts; the variables AUTOMATION_SYNCCONTACTS_... are there as well, and are ignored\n',
  );
  await writeFile('named.yaml', '');
  expect((await sync(SINGLE, '--config', 'named.yaml')).stderr).toContain('named.yaml counts; the variables');
});

test('import mirroring --as-started writes what it starts from', async () => {
  const { config } = await started(SINGLE);
  const { world } = fakeWorld({ env: SINGLE });
  expect(await execute(['import', 'mirroring', '--as-started'], world)).toBe(0);
  const read = await sync({});
  expect(read.config?.deployment).toBe(config.deployment);
  expect(read.config?.fingerprintKey?.text()).toBe(config.firstKey?.text());
  expect(read.config?.jobs.map(({ id }) => id)).toEqual(config.jobs.map(({ id }) => id));
});
