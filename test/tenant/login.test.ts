import { execFile } from 'node:child_process';
import { createHash, sign, constants, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import {
  makeAppCertificate,
  makeCertificates,
  type AppCertificate,
  type Certificates,
} from './certificates.ts';
import { probe, type Probe } from './probe.ts';
import { serveTenant } from './serve.ts';
import { createTenant } from './tenant.ts';

const HOST = 'https://login.microsoftonline.com';
let certificates: Certificates;
let stranger: AppCertificate;

beforeAll(async () => {
  certificates = await makeCertificates();
  stranger = await makeAppCertificate();
});

interface Claims {
  readonly aud?: string;
  readonly iss?: string;
  readonly sub?: string;
  readonly exp?: number;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs an assertion as a client would. */
function assertion(
  on: Probe,
  how: { claims?: Claims; key?: AppCertificate; alg?: 'RS256' | 'PS256' } = {},
): string {
  const { alg = 'PS256', key = certificates.app } = how;
  const { raw } = new X509Certificate(key.cert);
  const thumbprint = (name: string): string => createHash(name).update(raw).digest('base64url');
  const header =
    alg === 'PS256' ? { alg, 'x5t#S256': thumbprint('sha256') } : { alg, x5t: thumbprint('sha1') };
  const { clientId, tenantId } = on.tenant;
  const now = Math.floor(on.clock.now() / 1_000);
  const aud = `${HOST}/${tenantId}/oauth2/v2.0/token`;
  const signed = `${part(header)}.${part({ aud, iss: clientId, sub: clientId, nbf: now, exp: now + 600, ...how.claims })}`;
  const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = { key: key.key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${signed}.${sign('sha256', Buffer.from(signed), options).toString('base64url')}`;
}

async function token(
  on: Probe,
  client_assertion: string,
  extra: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: on.tenant.clientId,
    scope: 'https://graph.microsoft.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
    ...extra,
  });
  const url = `${HOST}/${on.tenant.tenantId}/oauth2/v2.0/token`;
  const response = await on.tenant.transport({ method: 'POST', url, headers: {}, body: form.toString() });
  return { status: response.status, body: JSON.parse(response.body) as Record<string, unknown> };
}

function strict(options: Parameters<typeof probe>[0] = {}): Probe {
  const on = probe({ auth: 'strict', ...options });
  on.tenant.registerCertificate(certificates.app.cert);
  return on;
}

const bearer = (text: unknown): { headers: Record<string, string> } => ({
  headers: { Authorization: `Bearer ${String(text)}` },
});

describe('token endpoint', () => {
  it.each(['RS256', 'PS256'] as const)('gives a token for an assertion signed with %s', async (alg) => {
    const on = strict();
    const { status, body } = await token(on, assertion(on, { alg }));
    expect([status, body['token_type']]).toEqual([200, 'Bearer']);
    expect(await on.ask('GET', 'users', bearer(body['access_token']))).toMatchObject({ status: 200 });
    expect([on.tenant.counts.get('token'), on.tenant.httpRequests]).toEqual([1, 1]);
  });

  it.each<[string, number, (on: Probe) => string]>([
    ['a certificate that is not registered', 700027, (on) => assertion(on, { key: stranger })],
    [
      'a signature by another key',
      700027,
      (on) => assertion(on, { key: { ...certificates.app, key: stranger.key } }),
    ],
    [
      'another audience',
      700023,
      (on) => assertion(on, { claims: { aud: 'https://elsewhere.example/token' } }),
    ],
    ['another issuer', 700021, (on) => assertion(on, { claims: { iss: 'someone' } })],
    ['another subject', 700021, (on) => assertion(on, { claims: { sub: 'someone' } })],
    [
      'an expired assertion',
      700024,
      (on) => assertion(on, { claims: { exp: on.clock.now() / 1_000 - 400 } }),
    ],
    ['no assertion worth the name', 50027, () => 'x.y.z'],
  ])('refuses %s', async (_what, code, make) => {
    const on = strict();
    const { status, body } = await token(on, make(on));
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [code] });
  });

  it('refuses another scope, grant or client', async () => {
    const on = strict();
    const good = assertion(on);
    expect((await token(on, good, { scope: 'https://graph.microsoft.us/.default' })).body).toMatchObject({
      error: 'invalid_scope',
    });
    expect((await token(on, good, { grant_type: 'password' })).body).toMatchObject({
      error: 'unsupported_grant_type',
    });
    expect((await token(on, good, { client_id: 'x' })).body).toMatchObject({ error: 'unauthorized_client' });
    expect((await token(on, good, { client_assertion_type: 'x' })).body).toMatchObject({
      error_codes: [7000218],
    });
  });
});

describe('access tokens', () => {
  it('are demanded, and expire', async () => {
    const on = strict();
    const issued = on.tenant.issueToken();
    expect(await on.ask('GET', 'users')).toMatchObject({ status: 401, code: 'InvalidAuthenticationToken' });
    expect(await on.ask('GET', 'users', bearer('made-up'))).toMatchObject({ status: 401 });
    await on.clock.run(on.clock.now() + 3_598_000);
    expect(await on.ask('GET', 'users', bearer(issued))).toMatchObject({ status: 200 });
    await on.clock.run(on.clock.now() + 1_000);
    expect(await on.ask('GET', 'users', bearer(issued))).toMatchObject({ status: 401 });
  });

  it('are taken back with a claims challenge that only a newer one answers', async () => {
    const on = strict();
    const old = on.tenant.issueToken();
    on.tenant.revokeTokens();
    const refused = await on.ask('GET', 'users', bearer(old));
    expect(refused.status).toBe(401);
    const claims =
      /error="insufficient_claims", claims="([^"]+)"/.exec(refused.headers['www-authenticate'] ?? '')?.[1] ??
      '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString('utf8'))).toMatchObject({
      access_token: { nbf: { essential: true } },
    });
    expect(await on.ask('GET', 'users', bearer(old))).toMatchObject({ status: 401 });
    expect(await on.ask('GET', 'users', bearer(on.tenant.issueToken()))).toMatchObject({ status: 200 });
  });

  it.each(['tokenExpired', 'claimsChallenge'] as const)('fail by fault and stay failed: %s', async (kind) => {
    const on = strict({ faults: { [kind]: 1 } });
    const issued = on.tenant.issueToken();
    const first = await on.ask('GET', 'users', bearer(issued));
    expect(first.status).toBe(401);
    expect((first.headers['www-authenticate'] ?? '').includes('claims=')).toBe(kind === 'claimsChallenge');
    on.tenant.setFaults({});
    expect(await on.ask('GET', 'users', bearer(issued))).toMatchObject({ status: 401 });
    expect(on.tenant.faultCounts.get(kind)).toBe(1);
  });
});

/** A client of its own process, since trust in an authority is decided when a process starts. */
const CLIENT = `
import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication } from '@azure/msal-node';
const [origin, tenantId, clientId, pem, thumbprintSha256] = process.argv.slice(1);
const app = new ConfidentialClientApplication({
  auth: {
    clientId,
    authority: origin + '/' + tenantId,
    knownAuthorities: [new URL(origin).host],
    clientCertificate: { thumbprintSha256, privateKey: readFileSync(pem, 'utf8') },
  },
});
const { accessToken } = await app.acquireTokenByClientCredential({ scopes: [origin + '/.default'] });
const answer = await fetch(origin + '/v1.0/users?$select=displayName', { headers: { authorization: 'Bearer ' + accessToken } });
console.log(JSON.stringify({ status: answer.status, people: (await answer.json()).value.length }));
`;

describe('HTTPS face', () => {
  it('satisfies the real msal-node, which trusts the authority and nobody else', async () => {
    const tenant = createTenant({ clock: systemClock, random: seededRandom(1) });
    tenant.registerCertificate(certificates.app.cert);
    tenant.directory.addUser({ displayName: 'Ada' });
    const served = await serveTenant(tenant, { tls: certificates.server });
    const folder = await mkdtemp(join(tmpdir(), 'login-test-'));
    try {
      await writeFile(join(folder, 'ca.pem'), certificates.ca);
      await writeFile(join(folder, 'app.pem'), certificates.app.pem);
      const pem = join(folder, 'app.pem');
      const facts = [served.origin, tenant.tenantId, tenant.clientId, pem, certificates.app.sha256];
      const argv = ['--input-type=module', '--eval', CLIENT, ...facts];
      const run = promisify(execFile);
      const trusting = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
      const { stdout } = await run(process.execPath, argv, { cwd: import.meta.dirname, env: trusting });
      expect(JSON.parse(stdout)).toEqual({ status: 200, people: 1 });
      await expect(run(process.execPath, argv, { cwd: import.meta.dirname, env: {} })).rejects.toThrow();
      expect(tenant.counts.get('token')).toBe(1);
    } finally {
      await served.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
