import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { loadConfig, type MirrorJobConfig } from '../../src/kit/config/config.ts';
import { NO_ID } from '../../src/kit/config/no-id.ts';
import { fakeWorld } from './fake-world.ts';

const A = '7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11';
const B = '2d4a7f10-8f0e-4a51-9a6e-5b3c1f0e7d22';
const APP = 'c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822';
const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const USER = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const SECRET = 's3cret~with: # odd "things"';

const P = 'AUTOMATION_SYNCCONTACTS_';
const SINGLE = {
  [`${P}TENANT_ID`]: A.toUpperCase(),
  [`${P}CLIENT_ID`]: APP,
  [`${P}CLIENT_SECRET`]: SECRET,
  [`${P}GLOBAL_ADDRESS_BOOK_USER_ID`]: HUB,
};
const TENANT = { TenantId: A, ClientId: APP, ClientSecret: SECRET, GlobalAddressBookUserId: HUB };
const OTHER = { ...TENANT, TenantId: B, ClientSecret: 'another one' };

const json = JSON.stringify;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function importing(env: Readonly<Record<string, string>>, ...file: readonly string[]): Promise<Ended> {
  const { world, seen } = fakeWorld({ env });
  const args = ['import', 'mirroring', ...file, '--to', path.join(folder, 'contact-sync.yaml')];
  const code = await execute(args, world);
  return { code, stdout: seen.stdout, stderr: seen.stderr };
}

async function imported(env: Readonly<Record<string, string>>, text?: string) {
  const file = path.join(folder, 'variables');
  if (text !== undefined) await writeFile(file, text);
  const ended = await importing(env, ...(text === undefined ? [] : [file]));
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const to = path.join(folder, 'contact-sync.yaml');
  const config = loadConfig(to, {}, { secrets: 'unread' });
  const jobs = config.jobs.filter((job): job is MirrorJobConfig => job.kind === 'mirror');
  expect(jobs).toHaveLength(config.jobs.length);
  return { ...ended, tenants: config.tenants, jobs, yaml: await readFile(to, 'utf8') };
}

describe('import mirroring', () => {
  test('the variables of a single tenant', async () => {
    const { tenants, jobs, yaml, stdout } = await imported(SINGLE);
    expect(tenants).toMatchObject([{ id: 'tenant', tenantId: A, clientId: APP }]);
    expect(jobs).toMatchObject([
      {
        id: 'tenant-contacts',
        tenant: 'tenant',
        members: { kind: 'licensed' },
        hub: { mailbox: HUB, folder: 'All Contacts' },
        onDelete: 'keep',
        updateExisting: true,
      },
    ]);
    for (const name of Object.keys(SINGLE)) expect(yaml).toContain(`# ${name}`);
    expect(yaml + stdout).not.toContain('s3cret');
    const secret = path.join(folder, 'tenant-client-secret');
    expect(await readFile(secret, 'utf8')).toBe(`${SECRET}\n`);
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(stdout).toContain('Private contacts stay with their owner from now on');
    expect(stdout).not.toContain('To be filled in');
  });

  test.each([
    ['the list of tenants', { [`${P}MICROSOFT_TENANTS_JSON`]: json([tenants('contoso.com'), OTHER]) }],
    [
      'the whole as one document',
      { [`${P}CONFIG_JSON`]: json({ MicrosoftTenants: [tenants('contoso.com'), OTHER] }) },
    ],
    [
      'names in another case',
      {
        [`${P}CONFIG_JSON`]: json({ microsofttenants: [tenants('contoso.com'), OTHER] }).replaceAll(
          '"TenantId"',
          '"tenantid"',
        ),
      },
    ],
  ])('several tenants: %s', async (_what, env) => {
    const { tenants: made, jobs, yaml } = await imported(env);
    expect(made).toMatchObject([
      { id: 'contoso', tenantId: A },
      { id: 'tenant-2', tenantId: B },
    ]);
    expect(jobs.map(({ id, tenant }) => [id, tenant])).toEqual([
      ['contoso-contacts', 'contoso'],
      ['tenant-2-contacts', 'tenant-2'],
    ]);
    expect(yaml).toMatch(/\[1\]\/ClientId$/m);
    expect((await readdir(folder)).filter((name) => name.endsWith('secret'))).toEqual([
      'contoso-client-secret',
      'tenant-2-client-secret',
    ]);
  });

  test('one document with one tenant and no list', async () => {
    const { jobs, yaml } = await imported({ [`${P}CONFIG_JSON`]: json({ ...TENANT, TestUserList: [USER] }) });
    expect(jobs[0]?.members).toEqual({ kind: 'chosen', users: [USER] });
    expect(yaml).toContain(`${P}CONFIG_JSON/TestUserList`);
  });

  test('where tenants are told of more than once, it is said which count', async () => {
    const { tenants: made, stdout } = await imported({
      ...SINGLE,
      [`${P}CONFIG_JSON`]: json({ MicrosoftTenants: [TENANT] }),
      [`${P}MICROSOFT_TENANTS_JSON`]: json([OTHER]),
    });
    expect(made.map(({ tenantId }) => tenantId)).toEqual([A]);
    expect(stdout).toContain(
      `${P}MICROSOFT_TENANTS_JSON was left out: the tenants of ${P}CONFIG_JSON/MicrosoftTenants count.`,
    );
    expect(stdout).toContain(`${P}TENANT_ID was left out`);
  });

  test.each([
    ['TenantId', A.toUpperCase()],
    ['PrimaryDomain', 'Contoso.com'],
    ['TenantDomain', 'contoso.onmicrosoft.com'],
  ])('test users are looked up by %s, in whatever case', async (_key, name) => {
    const { jobs, yaml, stdout } = await imported({
      [`${P}MICROSOFT_TENANTS_JSON`]: json([
        { ...TENANT, PrimaryDomain: 'contoso.com', TenantDomain: 'CONTOSO.onmicrosoft.com' },
      ]),
      [`${P}TEST_USER_LIST_BY_TENANT_JSON`]: json({ [name]: [USER.toUpperCase(), HUB], fabrikam: [USER] }),
    });
    expect(jobs[0]?.members).toEqual({ kind: 'chosen', users: [USER, HUB] });
    expect(yaml).toContain(`${P}TEST_USER_LIST_BY_TENANT_JSON/${name}`);
    expect(stdout).toContain('no tenant is called fabrikam; its list was left out');
  });

  test('of several lists of test users the one of the tenant counts; an empty one is none', async () => {
    const lists = {
      TestUserListByTenant: { [A]: [HUB] },
      MicrosoftTenants: [{ ...TENANT, TestUserList: [USER] }],
    };
    const { jobs, stdout } = await imported({ [`${P}CONFIG_JSON`]: json(lists) });
    expect(jobs[0]?.members).toEqual({ kind: 'chosen', users: [USER] });
    expect(stdout).toContain(`${P}CONFIG_JSON/TestUserListByTenant/${A} was left out`);
    await rm(folder, { recursive: true });
    folder = await mkdtemp(path.join(tmpdir(), 'import-'));
    const empty = json([{ ...TENANT, TestUserList: [] }]);
    const { jobs: all } = await imported({ [`${P}MICROSOFT_TENANTS_JSON`]: empty });
    expect(all[0]?.members).toEqual({ kind: 'licensed' });
  });

  test('addresses are left to be filled in, each with its place', async () => {
    const {
      jobs,
      tenants: made,
      yaml,
      stdout,
    } = await imported({
      [`${P}MICROSOFT_TENANTS_JSON`]: json([
        {
          ...TENANT,
          TenantId: 'contoso.onmicrosoft.com',
          GlobalAddressBookUserId: 'all@contoso.com',
          TestUserList: [USER, 'one@contoso.com\n  evil: true'],
        },
      ]),
    });
    expect(made).toMatchObject([{ id: 'contoso', tenantId: NO_ID }]);
    expect(jobs[0]).toMatchObject({ members: { users: [USER, NO_ID] }, hub: { mailbox: NO_ID } });
    expect(yaml).toMatch(/mailbox: 0{8}-\S+ # put the Object ID here, .* of "all@contoso.com"/);
    expect(stdout.match(/^To be filled in: .*$/gm)).toEqual([
      'To be filled in: tenants.contoso.tenantId',
      'To be filled in: jobs.contoso-contacts.members.mailboxes.users.2',
      'To be filled in: jobs.contoso-contacts.hub.mailbox',
    ]);
    expect(stdout).not.toContain('all@contoso.com');
  });

  test('without a secret it asks for a certificate, and without a shared mailbox for that', async () => {
    const { [`${P}CLIENT_SECRET`]: _secret, [`${P}GLOBAL_ADDRESS_BOOK_USER_ID`]: _hub, ...rest } = SINGLE;
    const { yaml, stdout } = await imported(rest);
    expect(yaml).toContain(`certificate: ./tenant.pem } # ${P}CLIENT_SECRET was empty`);
    expect(stdout).toContain('To be filled in: jobs.tenant-contacts.hub.mailbox');
    expect(await readdir(folder)).toEqual(['contact-sync.yaml']);
  });

  test.each(['true', 'TRUE', '1', 'yes', 'Yes', 'y'])(
    'a dry run, as %s, has no counterpart',
    async (word) => {
      const { stdout } = await imported({ ...SINGLE, [`${P}DRY_RUN`]: word });
      expect(stdout).toContain(`${P}DRY_RUN has no counterpart: "plan" shows`);
    },
  );

  test.each(['false', '0', 'no', '', 'maybe'])('and none, as %j, needs none', async (word) => {
    const { stdout } = await imported({ ...SINGLE, [`${P}DRY_RUN`]: word });
    expect(stdout).not.toContain('DRY_RUN');
  });

  test('what is not known is said, wherever it stood', async () => {
    const { stdout } = await imported({
      [`${P}CONFIG_JSON`]: json({ DryRun: true, PageSize: 100, MicrosoftTenants: [{ ...TENANT, Extra: 1 }] }),
      [`${P}VERBOSE`]: '1',
      UNRELATED: '1',
    });
    for (const what of [
      `${P}CONFIG_JSON/DryRun has no counterpart`,
      `${P}CONFIG_JSON/PageSize is not known`,
      `${P}CONFIG_JSON/MicrosoftTenants[0]/Extra is not known`,
      `${P}VERBOSE is not known`,
    ])
      expect(stdout).toContain(what);
    expect(stdout).not.toContain('UNRELATED');
  });

  test.each([
    [
      'lines',
      Object.entries(SINGLE)
        .map(([name, value]) => `${name}='${value}'`)
        .join('\n'),
    ],
    ['a document of variables', json(SINGLE)],
    ['variables with JSON in them', json({ [`${P}MICROSOFT_TENANTS_JSON`]: [TENANT] })],
    ['the configuration itself', `\uFEFF${json({ MicrosoftTenants: [TENANT] })}`],
  ])('from a file: %s', async (_what, text) => {
    const { tenants: made, jobs } = await imported({ [`${P}TENANT_ID`]: B }, text);
    expect(made).toMatchObject([{ tenantId: A, clientId: APP }]);
    expect(jobs).toMatchObject([{ hub: { mailbox: HUB } }]);
    expect(await readFile(path.join(folder, 'tenant-client-secret'), 'utf8')).toBe(`${SECRET}\n`);
  });

  test('nothing is overwritten, neither the configuration nor a secret', async () => {
    await imported(SINGLE);
    const again = await importing(SINGLE);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain('contact-sync.yaml is there already');
    await rm(path.join(folder, 'contact-sync.yaml'));
    expect((await importing(SINGLE)).stderr).toContain('tenant-client-secret is there already');
    expect(await readdir(folder)).toEqual(['tenant-client-secret']);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing', {}, 'names a tenant'],
    ['no JSON', { [`${P}CONFIG_JSON`]: '{"ClientSecret":"hunter2"' }, 'CONFIG_JSON is no JSON'],
    ['a list in place of an object', { [`${P}CONFIG_JSON`]: '[]' }, 'CONFIG_JSON is no JSON object'],
    ['no app', { [`${P}TENANT_ID`]: A }, 'CLIENT_ID is missing, or is no GUID'],
    [
      'two tenants without ids',
      {
        [`${P}MICROSOFT_TENANTS_JSON`]: json([
          { ...TENANT, TenantId: 'a.com' },
          { ...TENANT, TenantId: 'b.com' },
        ]),
      },
      '[1]/TenantId is no GUID, and not the only one',
    ],
  ])('%s is refused, and no secret is quoted', async (_what, env, words) => {
    const { code, stderr } = await importing(env);
    expect(code).toBe(2);
    expect(stderr).toContain('the environment holds no configuration of the mirroring script');
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('hunter2');
    expect(await readdir(folder)).toEqual([]);
  });

  test('a file that is not there', async () => {
    expect((await importing(SINGLE, path.join(folder, 'nowhere'))).stderr).toContain('there is no file');
  });
});

function tenants(domain: string): object {
  return { ...TENANT, PrimaryDomain: domain };
}
