import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/kit/log.ts';
import { readCertificate } from '../../src/graph/certificate.ts';
import { certificateFile } from '../../src/graph/credentials/certificate-file.ts';
import { createTokenSource } from '../../src/graph/token.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import {
  CLIENT_ID,
  makeCertificate,
  TENANT_ID,
  tokenEndpoint,
  type TokenEndpoint,
} from './token-endpoint.ts';

const CLOUD = { login: 'https://login.example:8443', graph: 'https://graph.example' };
let own: Awaited<ReturnType<typeof makeCertificate>>;
let other: Awaited<ReturnType<typeof makeCertificate>>;

beforeAll(async () => {
  [own, other] = await Promise.all([makeCertificate(), makeCertificate()]);
});

function sourceAt(endpoint: TokenEndpoint, clock: VirtualClock, pem = own.pem) {
  const { transport } = endpoint;
  return createTokenSource({
    tenantId: TENANT_ID,
    clientId: CLIENT_ID,
    cloud: CLOUD,
    credential: certificateFile(() => readCertificate(pem), silentLog),
    transport,
    clock,
    log: silentLog,
  });
}

describe('token source', () => {
  test('signs with the certificate, and the token request is the only request', async () => {
    const endpoint = tokenEndpoint(own.certificate);
    const tokens = sourceAt(endpoint, new VirtualClock());
    expect(await tokens.token()).toBe('token-1');
    expect(endpoint.requests.map(({ url }) => url)).toEqual([
      `https://login.example:8443/${TENANT_ID}/oauth2/v2.0/token`,
    ]);
    const form = endpoint.requests[0]?.form;
    expect(form?.get('scope')).toBe('https://graph.example/.default');
    expect(form?.get('grant_type')).toBe('client_credentials');
    expect(JSON.parse(form?.get('claims') ?? '{}')).toMatchObject({
      access_token: { xms_cc: { values: ['cp1'] } },
    });
  });

  test.each(['global', 'gcc-high', 'dod', 'china'] as const)(
    'needs no discovery in the cloud %s either',
    async (cloud) => {
      const endpoint = tokenEndpoint(own.certificate);
      const { transport } = endpoint;
      const tokens = createTokenSource({
        tenantId: TENANT_ID,
        clientId: CLIENT_ID,
        cloud,
        credential: certificateFile(() => readCertificate(own.pem), silentLog),
        transport,
        clock: new VirtualClock(),
        log: silentLog,
      });
      expect(await tokens.token()).toBe('token-1');
      expect(endpoint.requests).toHaveLength(1);
    },
  );

  test('a certificate that is not registered is refused with the AADSTS code and nothing else', async () => {
    const tokens = sourceAt(tokenEndpoint(other.certificate), new VirtualClock());
    const fault = await tokens.token().catch((error: unknown) => error);
    expect(fault).toMatchObject({ kind: 'unauthorized', code: 'AADSTS700027', status: 401 });
    expect(String(fault)).not.toContain('registered');
  });

  test('keeps a token until five minutes before its end', async () => {
    const endpoint = tokenEndpoint(own.certificate);
    const clock = new VirtualClock();
    const tokens = sourceAt(endpoint, clock);
    await tokens.token();
    await clock.run(clock.now() + 55 * 60_000 - 1);
    expect(await tokens.token()).toBe('token-1');
    await clock.run(clock.now() + 1);
    expect(await tokens.token()).toBe('token-2');
  });

  test('many callers share one request', async () => {
    const endpoint = tokenEndpoint(own.certificate);
    const tokens = sourceAt(endpoint, new VirtualClock());
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => tokens.token())))).toEqual(
      new Set(['token-1']),
    );
    expect(endpoint.requests).toHaveLength(1);
  });

  test('a refused token is replaced once, with the claims asked for', async () => {
    const endpoint = tokenEndpoint(own.certificate);
    const tokens = sourceAt(endpoint, new VirtualClock());
    const refused = {
      token: await tokens.token(),
      claims: '{"access_token":{"nbf":{"essential":true,"value":"1"}}}',
    };
    expect(await Promise.all([tokens.token(refused), tokens.token(refused)])).toEqual(['token-2', 'token-2']);
    expect(await tokens.token(refused)).toBe('token-2');
    expect(endpoint.requests).toHaveLength(2);
    expect(JSON.parse(endpoint.requests[1]?.form.get('claims') ?? '{}')).toMatchObject({
      access_token: { nbf: { essential: true, value: '1' }, xms_cc: { values: ['cp1'] } },
    });
  });

  test.each([
    ['a lost connection', new Error('reset'), 'unavailable'],
    ['a server error', { status: 503 }, 'unavailable'],
    [
      'a server error with a transient AADSTS code',
      { status: 500, body: '{"error":"x","error_description":"AADSTS90033: wait"}' },
      'unavailable',
    ],
    ['a page of a proxy', { status: 200, body: '<html>' }, 'unavailable'],
    ['an answer without a token', { status: 200, body: '{}' }, 'unavailable'],
    ['too many requests', { status: 429, headers: { 'retry-after': '7' } }, 'throttled'],
    [
      'a refused client',
      { status: 400, body: '{"error":"invalid_client","error_description":"AADSTS7000222: expired"}' },
      'unauthorized',
    ],
  ])('%s is a fault of its own kind, and the next try succeeds', async (_name, instead, kind) => {
    const endpoint = tokenEndpoint(own.certificate);
    const clock = new VirtualClock();
    endpoint.instead.push(instead);
    const tokens = sourceAt(endpoint, clock);
    await expect(tokens.token()).rejects.toMatchObject({ kind });
    await expect(tokens.token()).rejects.toMatchObject({ kind });
    expect(endpoint.requests).toHaveLength(1);
    await clock.run(clock.now() + (kind === 'throttled' ? 7_000 : 1_000));
    expect(await tokens.token()).toBe('token-2');
  });

  test('a token endpoint that never answers is given up', async () => {
    const clock = new VirtualClock();
    const endpoint = { ...tokenEndpoint(own.certificate), transport: () => new Promise<never>(() => {}) };
    const result = sourceAt(endpoint, clock)
      .token()
      .catch((error: unknown) => error);
    await clock.run(clock.now() + 30_000);
    expect(await result).toMatchObject({ kind: 'unavailable', code: 'DEADLINE' });
  });

  test('a credential that cannot sign is refused before any request, quoting nothing of it', () => {
    const key = /-----BEGIN PRIVATE KEY[^]+/.exec(other.pem)?.[0] ?? '';
    const certificate = /^-----BEGIN CERTIFICATE[^]+?END CERTIFICATE-----/.exec(own.pem)?.[0] ?? '';
    const start = (pem: string) => () => sourceAt(tokenEndpoint(own.certificate), new VirtualClock(), pem);
    expect(start(certificate)).toThrow(/no unencrypted private key/);
    expect(start(key)).toThrow(/no certificate/);
    expect(start(`${certificate}\n${key}`)).toThrow(/does not belong/);
    expect(start(`${certificate.replace('MII', 'XXX')}\n${key}`)).toThrow(/cannot be read/);
    expect(start(`${key}\n${certificate}`)).toThrow(/does not belong/);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const elliptic = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(start(`${certificate}\n${elliptic}`)).toThrow(/must be RSA/);
  });
});
