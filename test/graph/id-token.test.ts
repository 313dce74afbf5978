import { expect, test } from 'vitest';
import { personIn } from '../../src/graph/id-token.ts';
import { signer } from './jwks.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const ACCOUNT = 'aaaaaaaa-0000-4000-8000-000000000001';
const ISSUERS = [
  `https://login.chinacloudapi.cn/${TENANT}/v2.0`,
  `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
];
const NOW = Date.parse('2026-11-30T12:00:00Z');
const SECONDS = NOW / 1_000;
const key = signer('first');
const CLAIMS = {
  iss: ISSUERS[1],
  aud: 'app',
  tid: TENANT,
  nonce: 'ours',
  exp: SECONDS + 3_600,
  nbf: SECONDS,
  oid: ACCOUNT.toUpperCase(),
  roles: ['ContactSync.Admin', 7],
};
const EXPECTED = { tenantId: TENANT, clientId: 'app', issuers: ISSUERS, nonce: 'ours', now: NOW };

const seen = (claims: Readonly<Record<string, unknown>>) =>
  personIn(key.token({ ...CLAIMS, ...claims }), EXPECTED, (kid) =>
    Promise.resolve(kid === 'first' ? key.publicKey : undefined),
  );

test('says who it is by id, and the roles', async () => {
  expect(await seen({})).toEqual({ account: ACCOUNT, roles: ['ContactSync.Admin'] });
});

test.each([...ISSUERS, undefined, `https://login.microsoftonline.com/${TENANT}/v2.0`])(
  'is signed by the authority under one of its names: %s',
  async (iss) => {
    if (iss !== undefined && ISSUERS.includes(iss)) expect(await seen({ iss })).toBeDefined();
    else await expect(seen({ iss })).rejects.toMatchObject({ kind: 'unauthorized', code: 'issuer' });
  },
);

test.each([
  ['exp', SECONDS - 299, null],
  ['exp', SECONDS - 300, 'expired'],
  ['exp', 'soon', 'expired'],
  ['exp', undefined, 'expired'],
  ['nbf', SECONDS + 300, null],
  ['nbf', SECONDS + 301, 'not valid yet'],
  ['nbf', undefined, 'not valid yet'],
])('takes clocks to differ by five minutes: %s %s', async (name, at, code) => {
  if (code === null) expect(await seen({ [name]: at })).toBeDefined();
  else await expect(seen({ [name]: at })).rejects.toMatchObject({ kind: 'unauthorized', code });
});

test.each([
  [{ nonce: 'another' }, 'nonce'],
  [{ nonce: undefined }, 'nonce'],
  [{ nonce: ['ours'] }, 'nonce'],
  [{ aud: ['app'] }, 'audience'],
  [{ tid: undefined }, 'tenant'],
  [{ oid: 'Ada' }, 'account'],
])('%j is not believed', async (claims, code) => {
  await expect(seen(claims)).rejects.toMatchObject({ kind: 'unauthorized', code });
});
