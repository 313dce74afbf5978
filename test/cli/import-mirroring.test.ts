import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  A,
  APP,
  B,
  HUB,
  importedInto,
  OTHER,
  P,
  SECRET,
  SINGLE,
  TENANT,
  USER,
  type Variables,
} from './mirroring.ts';

const json = JSON.stringify;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const imported = (env: Variables, text?: string) => importedInto(folder, env, text);

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
        stampNotes: true,
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
});

function tenants(domain: string): object {
  return { ...TENANT, PrimaryDomain: domain };
}
