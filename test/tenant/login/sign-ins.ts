import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { HttpResponse } from '../../../src/kit/transport.ts';
import type { AccessTokens } from './access-tokens.ts';

interface SignInsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tenantId: string;
  readonly clientId: string;
  readonly graphHost: string;
  readonly tokens: AccessTokens;
  readonly accessTokenSeconds: number;
}

interface Code {
  readonly account: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | null;
  readonly scope: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
  isUsed: boolean;
}

/** What id tokens say otherwise than they should, and by whose key. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signed by somebody else's key, in the name of ours. */
  readonly stranger?: boolean;
}

export interface OAuthFault {
  readonly code: number;
  readonly why: string;
  readonly error: string;
}

/** Ten minutes [learn, v2-oauth2-auth-code-flow: a code lives for about that]. */
const CODE_MS = 600_000;
const ID_TOKEN_SECONDS = 3_600;
const KEY_ID = 'simulated-signing-key';

/**
 * People who sign in: authorize and token endpoint of the authorization code flow with PKCE, and the keys behind id tokens. The
 * page shows the accounts, and whoever follows a link is that account: there are no passwords here.
 */
export class SignIns {
  readonly #options: SignInsOptions;
  readonly #accounts = new Map<string, readonly string[]>();
  readonly #redirectUris = new Set<string>();
  readonly #codes = new Map<string, Code>();
  #pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  #forgery: Forgery = {};

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  /** Of the platform "Web" of the app registration: compared letter by letter. */
  registerRedirectUri(uri: string): void {
    this.#redirectUris.add(uri);
  }

  /** Somebody of this tenant, with the app roles that are assigned to them, if any. */
  assign(account: string, roles: readonly string[]): void {
    this.#accounts.set(account, roles);
  }

  /** From now on; `{}` ends it. */
  forge(forgery: Forgery): void {
    this.#forgery = forgery;
  }

  keys(): unknown {
    const { n, e } = this.#keys().publicKey.export({ format: 'jwk' });
    return { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid: KEY_ID, n, e }] };
  }

  authorize({ searchParams: asked, pathname }: URL): HttpResponse {
    const { clientId, clock, random } = this.#options;
    const redirectUri = asked.get('redirect_uri') ?? '';
    // Nobody is sent to an address that is not registered, not even with an error.
    if (asked.get('client_id') !== clientId) return problem(700016, 'Application was not found.');
    if (!this.#redirectUris.has(redirectUri))
      return problem(50011, 'The redirect URI does not match those of the application.');
    const back = (answer: Readonly<Record<string, string>>): HttpResponse => {
      const url = new URL(redirectUri);
      const state = asked.get('state');
      for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
      if (state !== null) url.searchParams.set('state', state);
      return { status: 302, headers: { location: url.href, 'cache-control': 'no-store' }, body: '' };
    };
    const refuse = (error: string, code: number, why: string): HttpResponse =>
      back({ error, error_description: `AADSTS${code}: ${why}` });
    const challenge = asked.get('code_challenge') ?? '';
    const scope = asked.get('scope') ?? '';
    if (asked.get('response_type') !== 'code')
      return refuse('unsupported_response_type', 700054, 'The response type is not enabled.');
    if (asked.get('response_mode') !== 'query')
      return refuse('invalid_request', 70007, 'The response mode is not supported here.');
    if (!scope.split(' ').includes('openid')) return refuse('invalid_scope', 70011, 'openid is missing.');
    // A web app may leave PKCE out at Microsoft; ours must not.
    if (asked.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge))
      return refuse('invalid_request', 9002325, 'Proof Key for Code Exchange is required.');
    const account = asked.get('login_hint');
    if (asked.get('prompt') === 'none' && account === null)
      return refuse('login_required', 50058, 'Session information is not sufficient for single-sign-on.');
    if (account === null || !this.#accounts.has(account)) return this.#page(pathname, asked);
    if (asked.get('decline') !== null)
      return refuse('access_denied', 65004, 'The resource owner or authorization server denied the request.');
    const code = Buffer.from(random.bytes(32)).toString('base64url');
    const nonce = asked.get('nonce');
    const ends = clock.now() + CODE_MS;
    this.#codes.set(code, { account, redirectUri, challenge, nonce, scope, ends, isUsed: false });
    return back({ code });
  }

  /** What the token endpoint gives for a code, when the client has proved itself. */
  redeem(form: URLSearchParams, origin: string): OAuthFault | { readonly grant: unknown } {
    const { clock, random, tenantId, tokens, graphHost, accessTokenSeconds } = this.#options;
    const found = this.#codes.get(form.get('code') ?? '');
    if (found === undefined) return fault(9002313, 'The code is malformed or invalid.');
    if (found.isUsed) return fault(54005, 'The code was already redeemed.');
    // Whatever comes of it: a second try finds it used.
    found.isUsed = true;
    if (clock.now() >= found.ends) return fault(70008, 'The code has expired.');
    if (form.get('redirect_uri') !== found.redirectUri)
      return fault(500112, 'The reply address does not match the one of the code.');
    const verifier = form.get('code_verifier') ?? '';
    if (createHash('sha256').update(verifier).digest('base64url') !== found.challenge)
      return fault(501481, 'The code verifier does not match the code challenge.');
    const clientInfo = JSON.stringify({ uid: found.account, utid: tenantId });
    const grant = {
      token_type: 'Bearer',
      scope: found.scope,
      expires_in: accessTokenSeconds,
      ext_expires_in: accessTokenSeconds,
      access_token: tokens.issue(graphHost, accessTokenSeconds),
      id_token: this.#idToken(found, origin),
      client_info: Buffer.from(clientInfo).toString('base64url'),
      ...(found.scope.includes('offline_access')
        ? { refresh_token: Buffer.from(random.bytes(64)).toString('base64url') }
        : {}),
    };
    return { grant };
  }

  #idToken({ account, nonce }: Code, origin: string): string {
    const { clock, tenantId, clientId } = this.#options;
    const now = Math.floor(clock.now() / 1_000);
    const roles = this.#accounts.get(account) ?? [];
    const claims = {
      aud: clientId,
      iss: `${origin}/${tenantId}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + ID_TOKEN_SECONDS,
      // As the real ones do: nothing of this is for a log.
      name: 'Ada Lovelace',
      preferred_username: 'ada@contoso.example',
      oid: account,
      sub: createHash('sha256').update(`${clientId} ${account}`).digest('base64url'),
      tid: tenantId,
      ver: '2.0',
      ...(nonce === null ? {} : { nonce }),
      ...(roles.length === 0 ? {} : { roles }),
      ...this.#forgery.claims,
    };
    const header = { typ: 'JWT', alg: 'RS256', kid: KEY_ID, ...this.#forgery.header };
    const signed = `${part(header)}.${part(claims)}`;
    if (header.alg === 'none') return `${signed}.`;
    const { privateKey } = this.#forgery.stranger === true ? pair() : this.#keys();
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  #page(path: string, asked: URLSearchParams): HttpResponse {
    const links = [...this.#accounts.keys()].map((account) => {
      const query = new URLSearchParams([...asked, ['login_hint', account]]).toString();
      return `<li><a href="${path}?${query.replaceAll('&', '&amp;')}">${account}</a></li>`;
    });
    const body = `<!doctype html><html lang="en"><title>Pick an account</title><h1>Pick an account</h1><ul>${links.join('')}</ul></html>`;
    return html(200, body);
  }

  /** RSA takes a moment to make, and most runs need none. */
  #keys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    this.#pair ??= pair();
    return this.#pair;
  }
}

function fault(code: number, why: string): OAuthFault {
  return { code, why, error: 'invalid_grant' };
}

function pair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function problem(code: number, why: string): HttpResponse {
  return html(
    400,
    `<!doctype html><html lang="en"><title>Sign in</title><p>AADSTS${code}: ${why}</p></html>`,
  );
}

function html(status: number, body: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body,
  };
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
