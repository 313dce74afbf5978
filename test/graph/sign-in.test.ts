import { beforeAll, expect, test } from 'vitest';
import { readCertificate } from '../../src/graph/certificate.ts';
import { certificateFile } from '../../src/graph/credentials/certificate-file.ts';
import { createSignIn } from '../../src/graph/sign-in.ts';
import type { Clock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { HttpResponse, Transport } from '../../src/kit/transport.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { signer } from './jwks.ts';
import { CLIENT_ID, makeCertificate, TENANT_ID } from './token-endpoint.ts';

let pem = '';
beforeAll(async () => {
  ({ pem } = await makeCertificate());
});

const ANSWER = { redirectUri: 'https://x.example/', nonce: 'n', code: 'c', verifier: 'v'.repeat(43) };

function signInOver(transport: Transport, clock: Clock, cloud: 'global' | 'china') {
  const credential = certificateFile(() => readCertificate(pem), silentLog);
  return createSignIn({
    tenantId: TENANT_ID,
    clientId: CLIENT_ID,
    cloud,
    credential: () => credential,
    transport,
    clock,
  });
}

test.each<[string, Partial<HttpResponse> | Error, { kind: string; message: string }]>([
  [
    'away',
    new TypeError('fetch failed'),
    { kind: 'unavailable', message: 'no answer from the token endpoint' },
  ],
  [
    'behind a proxy with a page of its own',
    { body: '<html>' },
    { kind: 'unavailable', message: 'the token endpoint has no usable answer' },
  ],
  [
    'without an id token',
    { body: '{"token_type":"Bearer"}' },
    { kind: 'unauthorized', message: 'the id token is not believed' },
  ],
])('an authority that is %s is told as what it is', async (_what, instead, fault) => {
  const transport: Transport = () =>
    instead instanceof Error
      ? Promise.reject(instead)
      : Promise.resolve({ status: 200, headers: {}, body: '', ...instead });
  const signIn = signInOver(transport, new VirtualClock(), 'global');
  await expect(signIn.whoIs(ANSWER)).rejects.toMatchObject(fault);
});

test.each([
  ['china', 'https://login.chinacloudapi.cn', null],
  ['china', 'https://login.partner.microsoftonline.cn', null],
  ['global', 'https://login.microsoftonline.com', null],
  ['global', 'https://login.partner.microsoftonline.cn', 'issuer'],
] as const)('in the cloud %s a token may be signed as %s: %s', async (cloud, issuer, code) => {
  const [key, clock] = [signer('first'), new VirtualClock()];
  const account = 'aaaaaaaa-0000-4000-8000-000000000001';
  const seconds = clock.now() / 1_000;
  const claims = { tid: TENANT_ID, aud: CLIENT_ID, oid: account, nonce: 'n', roles: ['ContactSync.Reader'] };
  const token = key.token({
    ...claims,
    iss: `${issuer}/${TENANT_ID}/v2.0`,
    nbf: seconds,
    exp: seconds + 3_600,
  });
  const signIn = signInOver(
    ({ url }) =>
      Promise.resolve({
        status: 200,
        headers: {},
        body: JSON.stringify(url.endsWith('/keys') ? { keys: [key.jwk] } : { id_token: token }),
      }),
    clock,
    cloud,
  );
  if (code === null) expect(await signIn.whoIs(ANSWER)).toEqual({ account, roles: ['ContactSync.Reader'] });
  else await expect(signIn.whoIs(ANSWER)).rejects.toMatchObject({ kind: 'unauthorized', code });
});
