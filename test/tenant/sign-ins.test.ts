import { createHash, createPublicKey, verify } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { probe, type Probe } from './probe.ts';

const HOST = 'https://login.microsoftonline.com';
const BACK = 'https://app.example/answer';
const ADA = 'aaaaaaaa-0000-4000-8000-000000000001';
const VERIFIER = 'v'.repeat(64);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let on: Probe;
beforeEach(() => {
  on = probe({ auth: 'strict' });
  on.tenant.registerSecret('secret');
  on.tenant.signIns.registerRedirectUri(BACK);
  on.tenant.signIns.assign(ADA, ['App.Role']);
});

async function authorize(changes: Readonly<Record<string, string | null>> = {}) {
  const asked = {
    client_id: on.tenant.clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: BACK,
    scope: 'openid profile',
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    login_hint: ADA,
    ...changes,
  };
  const given = Object.entries(asked).filter((one): one is [string, string] => one[1] !== null);
  const url = `${HOST}/${on.tenant.tenantId}/oauth2/v2.0/authorize?${new URLSearchParams(given).toString()}`;
  const { status, headers, body } = await on.tenant.transport({ method: 'GET', url, headers: {} });
  const back = headers['location'] === undefined ? null : new URL(headers['location']);
  return { status, body, back };
}

async function codeFor(changes: Readonly<Record<string, string | null>> = {}): Promise<string> {
  return (await authorize(changes)).back?.searchParams.get('code') ?? '';
}

async function redeem(changes: Readonly<Record<string, string>> = {}) {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: on.tenant.clientId,
    client_secret: 'secret',
    redirect_uri: BACK,
    code_verifier: VERIFIER,
    ...changes,
  });
  const url = `${HOST}/${on.tenant.tenantId}/oauth2/v2.0/token`;
  const { status, body } = await on.tenant.transport({
    method: 'POST',
    url,
    headers: {},
    body: form.toString(),
  });
  return { status, body: JSON.parse(body) as Record<string, unknown> };
}

function parsed(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

describe('the authorize endpoint', () => {
  it('sends a browser back with a code and the state, as the account that was picked', async () => {
    const { status, back } = await authorize();
    expect([status, `${back?.origin}${back?.pathname}`, back?.searchParams.get('state')]).toEqual([
      302,
      BACK,
      'a state',
    ]);
    expect(back?.searchParams.get('code')).toMatch(/^[\w-]{43}$/);
  });

  it('shows the accounts where none was picked', async () => {
    const { status, body, back } = await authorize({ login_hint: null });
    expect([status, back]).toEqual([200, null]);
    expect(body).toContain(`login_hint=${ADA}`);
  });

  it.each([
    `${BACK}/`,
    `${BACK}?x=1`,
    'http://app.example/answer',
    'https://app.example/ANSWER',
    'https://evil.example/answer',
    '',
  ])('sends nobody to what is not registered letter by letter: %s', async (redirect_uri) => {
    const { status, body, back } = await authorize({ redirect_uri });
    expect([status, back]).toEqual([400, null]);
    expect(body).toContain('AADSTS50011');
  });

  it('nor for another app', async () => {
    expect(await authorize({ client_id: 'another' })).toMatchObject({ status: 400, back: null });
  });

  it.each([
    ['no challenge', { code_challenge: null }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another response type', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['no openid', { scope: 'profile' }, 'invalid_scope'],
    ['nobody who is signed in', { prompt: 'none', login_hint: null }, 'login_required'],
    ['somebody who declines', { decline: '1' }, 'access_denied'],
  ] as const)('sends an error back for %s', async (_what, changes, error) => {
    const { back } = await authorize(changes);
    expect(back?.searchParams.get('error')).toBe(error);
    expect(back?.searchParams.get('error_description')).toMatch(/^AADSTS\d+: /);
    expect(back?.searchParams.get('code')).toBeNull();
    expect(back?.searchParams.get('state')).toBe('a state');
  });
});

describe('a code', () => {
  it('gives an id token that the published key has signed, for this app and sign-in', async () => {
    const { status, body } = await redeem({ code: await codeFor() });
    expect(status).toBe(200);
    const [head = '', claims = '', signature = ''] = String(body['id_token']).split('.');
    const url = `${HOST}/${on.tenant.tenantId}/discovery/v2.0/keys`;
    const { keys } = JSON.parse((await on.tenant.transport({ method: 'GET', url, headers: {} })).body) as {
      keys: { kid: string }[];
    };
    const [jwk] = keys;
    expect(parsed(head)).toMatchObject({ alg: 'RS256', kid: jwk?.kid });
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    expect(parsed(claims)).toMatchObject({
      aud: on.tenant.clientId,
      iss: `${HOST}/${on.tenant.tenantId}/v2.0`,
      tid: on.tenant.tenantId,
      oid: ADA,
      nonce: 'a nonce',
      roles: ['App.Role'],
    });
  });

  it('is good once, also when the first try failed', async () => {
    const code = await codeFor();
    expect((await redeem({ code })).status).toBe(200);
    expect(await redeem({ code })).toMatchObject({ status: 400, body: { error_codes: [54005] } });
    const other = await codeFor();
    expect(await redeem({ code: other, code_verifier: 'w'.repeat(64) })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_codes: [501481] },
    });
    expect(await redeem({ code: other })).toMatchObject({ body: { error_codes: [54005] } });
  });

  it.each([
    ['of nobody', { code: 'made up' }, 9002313],
    ['with another redirect URI', { redirect_uri: `${BACK}/` }, 500112],
    ['without a verifier', { code_verifier: '' }, 501481],
    ['from an app that does not prove itself', { client_secret: 'guess' }, 7000215],
    ['from another app', { client_id: 'another' }, 700016],
  ])('%s is refused', async (_what, changes, error) => {
    const { status, body } = await redeem({ code: await codeFor(), ...changes });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body['error_codes']).toEqual([error]);
    expect(body).not.toHaveProperty('id_token');
  });

  it('ends after ten minutes', async () => {
    const code = await codeFor();
    await on.clock.run(on.clock.now() + 600_000);
    expect(await redeem({ code })).toMatchObject({ status: 400, body: { error_codes: [70008] } });
  });
});
