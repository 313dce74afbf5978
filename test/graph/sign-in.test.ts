import { beforeAll, expect, test } from 'vitest';
import { readCertificate } from '../../src/graph/certificate.ts';
import { certificateFile } from '../../src/graph/credentials/certificate-file.ts';
import { createSignIn } from '../../src/graph/sign-in.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { HttpResponse, Transport } from '../../src/kit/transport.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CLIENT_ID, makeCertificate, TENANT_ID } from './token-endpoint.ts';

let pem = '';
beforeAll(async () => {
  ({ pem } = await makeCertificate());
});

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
  const credential = certificateFile(() => readCertificate(pem), silentLog);
  const signIn = createSignIn({
    tenantId: TENANT_ID,
    clientId: CLIENT_ID,
    cloud: 'global',
    credential: () => credential,
    transport,
    clock: new VirtualClock(),
  });
  const answer = { redirectUri: 'https://x.example/', nonce: 'n', code: 'c', verifier: 'v'.repeat(43) };
  await expect(signIn.whoIs(answer)).rejects.toMatchObject(fault);
});
