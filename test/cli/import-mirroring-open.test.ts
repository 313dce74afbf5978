import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_ID } from '../../src/kit/config/no-id.ts';
import {
  A,
  APP,
  B,
  HUB,
  importedInto,
  importInto,
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
const importing = (env: Variables, ...file: readonly string[]) => importInto(folder, env, ...file);

describe('import mirroring', () => {
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
