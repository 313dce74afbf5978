import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/kit/config/config.ts';
import { fakeWorld, type Parts } from './fake-world.ts';

const TENANT = '7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11';
const CLIENT = 'c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822';
const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const NONE = '00000000-0000-0000-0000-000000000000';
const IDS = ['--tenant-id', TENANT, '--client-id', CLIENT, '--group', GROUP];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => path.join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

async function init(args: readonly string[] = IDS, parts: Parts = {}) {
  const { world, seen } = fakeWorld(parts);
  const code = await execute(['init', '--config', at('contact-sync.yaml'), ...args], world);
  return { code, stdout: seen.stdout, stderr: seen.stderr };
}

describe('init, without a terminal', () => {
  test('makes a certificate, its key and a configuration that the program takes', async () => {
    const { code, stdout, stderr } = await init();
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(folder).toSorted()).toEqual(['contact-sync.yaml', 'contoso.crt', 'contoso.pem']);
    const config = loadConfig(at('contact-sync.yaml'), {});
    expect(config.tenants).toMatchObject([
      { id: 'contoso', tenantId: TENANT, clientId: CLIENT, cloud: 'global' },
    ]);
    expect(config.jobs).toMatchObject([
      {
        id: 'staff',
        source: { groups: [GROUP] },
        target: { kind: 'licensed', first: 3 },
        folder: 'Company Directory',
      },
    ]);
    expect(config.notifications).toBeNull();
    const certificate = new X509Certificate(text('contoso.crt'));
    expect(createPrivateKey(text('contoso.pem')).asymmetricKeyDetails?.modulusLength).toBe(3072);
    const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBeOneOf([365, 366]);
    expect(stdout).toContain(`thumbprint ${certificate.fingerprint.replaceAll(':', '')}`);
    expect(text('contoso.crt')).not.toContain('PRIVATE KEY');
  });

  test.skipIf(process.platform === 'win32')('keeps key and configuration to their owner', async () => {
    await init([...IDS, '--public-url', 'https://sync.contoso.com']);
    for (const name of ['contoso.pem', 'client-state.key', 'contact-sync.yaml'])
      expect([name, statSync(at(name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  test('says step by step how to register the app, in three ways, and how to limit the mailboxes', async () => {
    const { stdout } = await init();
    for (const name of ['User.Read.All', 'Group.Read.All', 'Contacts.ReadWrite'])
      expect(stdout).toMatch(new RegExp(`^  ${name} +[a-z]+s .{20}`, 'm'));
    for (const step of [
      'New registration',
      'Upload certificate: contoso.crt, never contoso.pem',
      'Grant admin consent',
      `az login --tenant ${TENANT}`,
      '--cert @contoso.crt',
      `Connect-MgGraph -TenantId ${TENANT}`,
      'New-MgServicePrincipalAppRoleAssignment',
      '-Role "Application Contacts.ReadWrite"',
      'Test-ServicePrincipalAuthorization',
      'contact-sync doctor',
    ])
      expect(stdout).toContain(step);
    expect(stdout).not.toContain('PRIVATE KEY');
  });

  test('leaves open what it is not told, and says where', async () => {
    const { code, stdout } = await init([]);
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}to be filled in: \w+/gm)).toEqual(
      ['tenantId', 'clientId', 'group'].map((key) => `  to be filled in: ${key}`),
    );
    expect(loadConfig(at('contact-sync.yaml'), {}).tenants).toMatchObject([
      { tenantId: NONE, clientId: NONE },
    ]);
  });

  test('with a public URL makes the key of the notifications', async () => {
    await init([...IDS, '--public-url', 'https://sync.contoso.com/']);
    const { notifications } = loadConfig(at('contact-sync.yaml'), {});
    expect(notifications?.publicUrl).toBe('https://sync.contoso.com');
    expect(notifications?.clientStateKey.text()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('takes a national cloud, another host, and any name of a folder', async () => {
    await init([...IDS, '--cloud', 'gcc-high', '--folder', `O'Brien: "Staff" #1`, '--name', 'fabrikam']);
    const config = loadConfig(at('contact-sync.yaml'), {});
    expect(config.tenants).toMatchObject([{ id: 'fabrikam', cloud: 'gcc-high' }]);
    expect(config.jobs).toMatchObject([{ folder: `O'Brien: "Staff" #1` }]);
    expect(existsSync(at('fabrikam.pem'))).toBe(true);
    await init([...IDS, '--force', '--cloud', 'https://127.0.0.1:8443']);
    const origin = 'https://127.0.0.1:8443';
    expect(loadConfig(at('contact-sync.yaml'), {}).tenants[0]?.cloud).toMatchObject({
      login: origin,
      graph: origin,
    });
  });
});

describe('init writes over nothing', () => {
  test('a configuration that is there: 2, and not a file more', async () => {
    writeFileSync(at('contact-sync.yaml'), '# mine\n');
    const { code, stdout, stderr } = await init();
    expect([code, stdout, readdirSync(folder)]).toEqual([2, '', ['contact-sync.yaml']]);
    expect(stderr).toContain('is there already: nothing was made; --force writes it again');
    expect(text('contact-sync.yaml')).toBe('# mine\n');
  });

  test('--force writes the configuration again, and keeps certificate and keys', async () => {
    await init(['--public-url', 'https://sync.contoso.com']);
    const before = ['contoso.pem', 'contoso.crt', 'client-state.key'].map(text);
    const { code, stdout } = await init([...IDS, '--public-url', 'https://sync.contoso.com', '--force']);
    expect(code).toBe(0);
    expect(stdout).toContain('Kept contoso.pem and contoso.crt, which were there');
    expect(stdout).toContain('Kept client-state.key');
    expect(['contoso.pem', 'contoso.crt', 'client-state.key'].map(text)).toEqual(before);
    expect(loadConfig(at('contact-sync.yaml'), {}).tenants[0]?.clientId).toBe(CLIENT);
  });

  test('half of a certificate, or two halves that do not fit, stay as they are', async () => {
    await init();
    const [pem, crt] = [text('contoso.pem'), text('contoso.crt')];
    rmSync(at('contoso.crt'));
    const half = await init([...IDS, '--force']);
    expect([half.code, text('contoso.pem'), existsSync(at('contoso.crt'))]).toEqual([2, pem, false]);
    expect(half.stderr).toContain('contoso.crt is not: put that back');
    writeFileSync(at('contoso.crt'), crt.replace(/^(.{100}).{8}/s, '$1AAAAAAAA'));
    const other = await init([...IDS, '--force']);
    expect([other.code, text('contoso.pem')]).toEqual([2, pem]);
    expect(other.stderr).toContain('move both files away');
  });

  test.each([
    [['--tenant-id', 'contoso.com'], '--tenant-id: expected a GUID'],
    [['--client-id', '42'], '--client-id: expected a GUID'],
    [['--group', 'staff'], '--group: expected a GUID'],
    [['--public-url', 'http://sync.contoso.com'], '--public-url: expected an https URL'],
    [['--cloud', 'mars'], '--cloud: expected'],
    [['--name', 'Contoso Ltd'], '--name: '],
    [['--name', '../contoso'], '--name: '],
    [['--folder', ' x'], '--folder: expected a folder name'],
  ])('%j is refused before anything is made', async (args, words) => {
    const { code, stdout, stderr } = await init(args);
    expect([code, stdout, readdirSync(folder)]).toEqual([2, '', []]);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

const answering = (answers: readonly string[]) => {
  const asked: string[] = [];
  const ask = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answers[asked.length - 1] ?? '');
  };
  return { asked, ask };
};

describe('init at a terminal', () => {
  test('asks for what no option says, and once more for what is no id', async () => {
    const { asked, ask } = answering(['fabrikam', 'what?', CLIENT, '', 'https://sync.fabrikam.com']);
    const { code, stdout } = await init(['--tenant-id', TENANT], { ask });
    expect(code).toBe(0);
    expect(asked.map((question) => question.split(/[,[:]/)[0]?.trim())).toEqual([
      'Short name for the tenant',
      'Application (client) ID of the app registration',
      'That is no id such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301. Application (client) ID of the app registration',
      'Object ID of the group of people who are shown',
      'https URL at which Microsoft Graph reaches this machine',
    ]);
    expect(stdout).toContain('to be filled in: group');
    const { tenants, notifications } = loadConfig(at('contact-sync.yaml'), {});
    expect(tenants).toMatchObject([{ id: 'fabrikam', tenantId: TENANT, clientId: CLIENT }]);
    expect(notifications?.publicUrl).toBe('https://sync.fabrikam.com');
  });

  test('Enter all the way is a beginning as well', async () => {
    const { ask } = answering([]);
    expect((await init([], { ask })).code).toBe(0);
    expect(loadConfig(at('contact-sync.yaml'), {}).notifications).toBeNull();
  });
});
