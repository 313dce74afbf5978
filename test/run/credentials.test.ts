import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeAppCertificate } from '../tenant/certificates.ts';
import { APP_SERVICE, openScene, somebody, SOMEBODY, USER_ASSIGNED, VAULT, type Scene } from './proving.ts';

let on: Scene;
beforeEach(async () => {
  on = await openScene();
});
afterEach(() => {
  vi.unstubAllEnvs();
  on.close();
});

const AFTER_A_TOKEN_MS = 56 * 60_000;
const thumbprint = (): string => new X509Certificate(on.app.cert).fingerprint.replaceAll(':', '');

function writePfx(passphrase: string): void {
  on.write('app.pem', on.app.pem);
  const args = ['pkcs12', '-export', '-in', 'app.pem', '-out', 'app.pfx', '-passout', `pass:${passphrase}`];
  execFileSync('openssl', args, { cwd: on.folder, stdio: 'ignore' });
}

/** A `pwsh` on the path that runs our stand-in. */
function installPowerShell(): void {
  on.write('cert.pem', on.app.cert);
  on.write('key.pem', on.app.key);
  const program = new URL('./stand-in-pwsh.ts', import.meta.url).pathname;
  on.write('pwsh', `#!/bin/sh\nexec "${process.execPath}" "${program}" "${on.folder}" "$@"\n`);
  chmodSync(path.join(on.folder, 'pwsh'), 0o755);
  vi.stubEnv('PATH', `${on.folder}:${process.env['PATH']}`);
}

interface Kind {
  readonly yaml: () => string;
  readonly env?: Record<string, string>;
  readonly tenant?: string;
  readonly prepare: () => void;
}

const FEDERATED = { AZURE_FEDERATED_TOKEN_FILE: 'federated.jwt' };
const VAULT_ENV = {
  ...FEDERATED,
  AZURE_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  AZURE_CLIENT_ID: '22222222-2222-4222-8222-222222222222',
};
const federated = (): void => on.write('federated.jwt', on.federated());
const nothing = (): void => {};

const KINDS: Readonly<Record<string, Kind>> = {
  'a PEM file': { yaml: () => '{ certificate: app.pem }', prepare: () => on.write('app.pem', on.app.pem) },
  'a PFX file': {
    yaml: () => '{ pfx: { file: app.pfx, passphrase: env:PASS } }',
    env: { PASS: 'p4ss-phr4se' },
    prepare: () => writePfx('p4ss-phr4se'),
  },
  'a key vault, by managed identity': {
    yaml: () => `{ keyVault: { vault: "${VAULT}", certificate: contact-sync } }`,
    prepare: nothing,
  },
  'a key vault, by workload identity': {
    yaml: () => `{ keyVault: { vault: "${VAULT}", certificate: contact-sync, identity: workloadIdentity } }`,
    env: VAULT_ENV,
    prepare: federated,
  },
  'the Windows store': {
    yaml: () => `{ windowsStore: { thumbprint: ${thumbprint().toLowerCase()} } }`,
    prepare: installPowerShell,
  },
  'the identity of a virtual machine': { yaml: () => '{ managedIdentity: {} }', prepare: nothing },
  'a user-assigned identity of App Service': {
    yaml: () => `{ managedIdentity: { clientId: ${USER_ASSIGNED} } }`,
    env: APP_SERVICE,
    prepare: nothing,
  },
  'a federated token': { yaml: () => '{ workloadIdentity: {} }', env: FEDERATED, prepare: federated },
  'a client secret': {
    yaml: () => '{ clientSecret: env:SECRET }',
    env: { SECRET: 's3cret-of-the-app' },
    tenant: 'allowClientSecret: true',
    prepare: () => on.tenant.registerSecret('s3cret-of-the-app'),
  },
};

describe.each(Object.entries(KINDS))('with %s', (name, { yaml, prepare, ...more }) => {
  test('an app has tokens that Graph accepts, again and again, and its secrets are in no log', async () => {
    prepare();
    const tokens = on.tokens(on.config(yaml(), more));
    const first = await tokens.token();
    expect(await on.status(first)).toBe(200);
    const second = await tokens.token({ token: first });
    expect(second).not.toBe(first);
    expect(await on.status(second)).toBe(200);
    const logs = on.logged.join('\n');
    const secrets = [first, 'p4ss-phr4se', 's3cret-of-the-app', APP_SERVICE.IDENTITY_HEADER, 'PRIVATE KEY'];
    for (const secret of secrets) expect(logs).not.toContain(secret);
  });

  test('people sign in to the app, but for the identity of a host, which proves nothing', async () => {
    prepare();
    const who = somebody(on, on.config(yaml(), more));
    if (name.includes('identity of ')) await expect(who).rejects.toThrow('proves nothing at a sign-in');
    else expect(await who).toEqual({ account: SOMEBODY, roles: ['A.Role'] });
  });
});

describe('a certificate in a file', () => {
  test('that is renewed is used without a restart; one that cannot be read meanwhile does no harm', async () => {
    on.write('app.pem', on.app.pem);
    const tokens = on.tokens(on.config('{ certificate: app.pem }'));
    const first = await tokens.token();
    on.write('app.pem', 'half a fi');
    const second = await tokens.token({ token: first });
    expect(on.logged.join()).toContain('certificate-unreadable');
    const renewed = await makeAppCertificate();
    on.write('app.pem', renewed.pem);
    await expect(tokens.token({ token: second })).rejects.toMatchObject({ code: 'AADSTS700027' });
    on.tenant.registerCertificate(renewed.cert);
    await on.clock.run(on.clock.now() + 1_000);
    expect(await on.status(await tokens.token({ token: second }))).toBe(200);
  });
});

describe('a key vault', () => {
  const yaml = `{ keyVault: { vault: "${VAULT}", certificate: contact-sync } }`;

  test('signs by the newest version of the certificate, in three requests and one for the token', async () => {
    const tokens = on.tokens(on.config(yaml));
    const first = await tokens.token();
    expect(on.vault.asked).toEqual(['GET /certificates/contact-sync', 'POST /keys/contact-sync/1/sign']);
    expect(on.requests).toHaveLength(4);
    const renewed = await makeAppCertificate();
    on.vault.renew(renewed);
    on.tenant.registerCertificate(renewed.cert);
    expect(await on.status(await tokens.token({ token: first }))).toBe(200);
    expect(on.vault.asked.at(-1)).toBe('POST /keys/contact-sync/2/sign');
  });

  test('gets its own token alone, and sends it nowhere else whatever it answers', async () => {
    const tokens = on.tokens(on.config(yaml));
    on.instead = async ({ url }) =>
      url.startsWith(VAULT)
        ? { status: 200, headers: {}, body: '{"kid":"https://elsewhere.example/keys/a/1","cer":""}' }
        : { status: 200, headers: {}, body: '{"access_token":"v","expires_in":"3600"}' };
    await expect(tokens.token()).rejects.toMatchObject({ kind: 'unavailable' });
    const [identity] = on.requests;
    expect(new URL(identity?.url ?? '').searchParams.get('resource')).toBe('https://vault.azure.net');
    expect(on.requests.every(({ url }) => !url.includes('elsewhere'))).toBe(true);
  });

  test('that refuses says so by its code alone', async () => {
    const tokens = on.tokens(on.config(yaml.replace('contact-sync', 'another')));
    const fault = await tokens.token().catch((error: unknown) => error);
    expect(fault).toMatchObject({ kind: 'unauthorized', status: 404, code: 'KeyNotFound' });
    expect(`${String(fault)}${on.logged.join()}`).not.toContain('@contoso');
  });
});

describe('the Windows store', () => {
  test('is asked through standard input: no argument differs from one time to the next', async () => {
    installPowerShell();
    const tokens = on.tokens(on.config(`{ windowsStore: { thumbprint: ${thumbprint()} } }`));
    await tokens.token({ token: await tokens.token() });
    const asked = readFileSync(path.join(on.folder, 'asked.txt'), 'utf8').trim().split('\n');
    expect(asked).toHaveLength(3);
    expect(new Set(asked).size).toBe(1);
    const [, script = ''] = /-NonInteractive -EncodedCommand (\S+)$/.exec(asked[0] ?? '') ?? [];
    const text = Buffer.from(script, 'base64').toString('utf16le');
    expect(text).toContain('[Console]::In.ReadToEnd()');
    expect(text.toUpperCase()).not.toContain(thumbprint());
  });

  test('without the certificate, or without PowerShell, is a refused credential with a reason', async () => {
    installPowerShell();
    const stranger = on.tokens(on.config(`{ windowsStore: { thumbprint: ${'ab'.repeat(20)} } }`));
    await expect(stranger.token()).rejects.toMatchObject({ kind: 'unauthorized', code: 'NoSuchCertificate' });
    vi.stubEnv('PATH', '/nowhere');
    const tokens = on.tokens(on.config(`{ windowsStore: { thumbprint: ${thumbprint()} } }`));
    await expect(tokens.token()).rejects.toMatchObject({ kind: 'unauthorized', code: 'NoPowerShell' });
  });
});

describe('a federated token', () => {
  test('is read again when it rotates, and one that has ended is refused', async () => {
    on.write('federated.jwt', on.federated());
    const tokens = on.tokens(on.config('{ workloadIdentity: {} }', { env: FEDERATED }));
    await tokens.token();
    await on.clock.run(on.clock.now() + 2 * AFTER_A_TOKEN_MS);
    await expect(tokens.token()).rejects.toMatchObject({ code: 'AADSTS700024' });
    on.write('federated.jwt', on.federated());
    await on.clock.run(on.clock.now() + 1_000);
    expect(await on.status(await tokens.token())).toBe(200);
  });

  test('of another subject is refused', async () => {
    on.write('federated.jwt', on.federated({ sub: 'system:serviceaccount:other' }));
    const tokens = on.tokens(on.config('{ workloadIdentity: {} }', { env: FEDERATED }));
    await expect(tokens.token()).rejects.toMatchObject({ kind: 'unauthorized', code: 'AADSTS700213' });
  });
});

describe('the identity endpoint of the host', () => {
  test.each([
    [{ status: 429, headers: { 'retry-after': '7' }, body: '' }, { kind: 'throttled' }],
    [{ status: 410, headers: {}, body: '' }, { kind: 'unavailable' }],
    [{ status: 500, headers: {}, body: '' }, { kind: 'unavailable' }],
    [{ status: 200, headers: {}, body: '<html>' }, { kind: 'unavailable' }],
    [
      { status: 400, headers: {}, body: '{"error":"invalid_request"}' },
      { kind: 'unauthorized', code: 'invalid_request' },
    ],
  ])('that answers %o means %o', async (answer, fault) => {
    const tokens = on.tokens(on.config('{ managedIdentity: {} }'));
    on.instead = async () => answer;
    await expect(tokens.token()).rejects.toMatchObject(fault);
  });

  test('does not know an identity that is not assigned to it', async () => {
    const tokens = on.tokens(
      on.config(`{ managedIdentity: { clientId: ${'1'.repeat(8)}-1111-4111-8111-111111111111 } }`),
    );
    await expect(tokens.token()).rejects.toMatchObject({ kind: 'unauthorized', code: 'invalid_request' });
  });
});

describe('the configuration of a credential', () => {
  test.each([
    ['{ clientSecret: env:SECRET }', /allowClientSecret: true/],
    ['{ clientSecret: s3cret }', /never the secret itself/],
    ['{ certificate: app.pem, managedIdentity: {} }', /one of .*certificate.*found 2 keys/],
    ['{ workloadIdentity: {} }', /AZURE_FEDERATED_TOKEN_FILE is not set/],
    ['{ pfx: { file: none.pfx, passphrase: env:SECRET } }', /none\.pfx cannot be read \(ENOENT\)/],
    ['{ windowsStore: { thumbprint: "$(whoami)" } }', /40 hexadecimal digits/],
    ['{ keyVault: { vault: "http://a.vault.azure.net", certificate: x } }', /https origin/],
    ['{ certificat: app.pem }', /did you mean certificate/],
  ])('%s is refused', (yaml, problem) => {
    expect(() => on.config(yaml, { env: { SECRET: 'x' } })).toThrow(problem);
  });
});
