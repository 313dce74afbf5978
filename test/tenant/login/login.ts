import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { HttpRequest, HttpResponse } from '../../../src/kit/transport.ts';
import type { RequestCounter } from '../counts.ts';
import type { AccessTokens } from './access-tokens.ts';
import { assertionFault } from './assertion.ts';
import { SignIns } from './sign-ins.ts';
import { federatedFault, federationOf, type Federation } from './federated.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Services of Azure that the same app may have tokens for. */
const OTHER_SERVICES: readonly string[] = ['https://vault.azure.net', 'https://outlook.office365.com'];

interface LoginOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tenantId: string;
  readonly clientId: string;
  readonly graphHost: string;
  readonly certificates: readonly string[];
  readonly tokens: AccessTokens;
  readonly counter: RequestCounter;
  readonly accessTokenSeconds: number;
}

/** The login host: metadata, and tokens for client assertions (by certificate or federation) and secrets. */
export class Login {
  readonly #options: LoginOptions;
  readonly #certificates: X509Certificate[];
  readonly #secrets = new Set<string>();
  readonly #federations: Federation[] = [];
  /** People who sign in, by authorization code. */
  readonly signIns: SignIns;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#certificates = options.certificates.map((pem) => new X509Certificate(pem));
    this.signIns = new SignIns(options);
  }

  register(pem: string): void {
    this.#certificates.push(new X509Certificate(pem));
  }

  registerSecret(secret: string): void {
    this.#secrets.add(secret);
  }

  trust(federation: Federation): void {
    this.#federations.push(federation);
  }

  /** Whether the path is one of the login host's. */
  owns(path: string): boolean {
    return (
      path.startsWith('/common/discovery/') ||
      /^\/[^/]+\/(?:v2\.0\/\.well-known|oauth2|discovery)\//.test(path)
    );
  }

  answer(request: HttpRequest, url: URL): HttpResponse {
    const { tenantId, counter } = this.#options;
    const known = url.pathname.split('/')[1]?.toLowerCase() === tenantId.toLowerCase();
    if (
      known &&
      request.method === 'GET' &&
      url.pathname.endsWith('/v2.0/.well-known/openid-configuration')
    ) {
      counter.login('openid-configuration');
      return json(200, this.#metadata(url.origin));
    }
    if (known && request.method === 'GET' && url.pathname.endsWith('/discovery/v2.0/keys')) {
      counter.login('keys');
      return json(200, this.signIns.keys());
    }
    if (known && request.method === 'GET' && url.pathname.endsWith('/oauth2/v2.0/authorize')) {
      counter.login('authorize');
      return this.signIns.authorize(url);
    }
    if (known && request.method === 'POST' && url.pathname.endsWith('/oauth2/v2.0/token')) {
      counter.login('token');
      const form = new URLSearchParams(request.body ?? '');
      return form.get('grant_type') === 'authorization_code'
        ? this.#person(form, url.origin)
        : this.#token(form, url.origin);
    }
    counter.login('unknown login request');
    return this.#error({ code: 90002, why: 'Tenant or endpoint not found.', error: 'invalid_request' });
  }

  #metadata(origin: string): unknown {
    const base = `${origin}/${this.#options.tenantId}`;
    return {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      tenant_region_scope: 'EU',
    };
  }

  #token(form: URLSearchParams, origin: string): HttpResponse {
    const { clientId, graphHost, tokens, accessTokenSeconds } = this.#options;
    if (form.get('grant_type') !== 'client_credentials') {
      return this.#error({
        code: 70003,
        why: 'The grant type is not supported.',
        error: 'unsupported_grant_type',
      });
    }
    if (form.get('client_id') !== clientId) {
      return this.#error({
        code: 700016,
        why: 'Application was not found in the directory.',
        error: 'unauthorized_client',
      });
    }
    const resource = [graphHost, origin, ...OTHER_SERVICES].find((host) =>
      form.get('scope')?.split(' ').includes(`${host}/.default`),
    );
    if (resource === undefined) {
      return this.#error({
        code: 1002012,
        why: 'The scope is not valid for client credentials.',
        error: 'invalid_scope',
      });
    }
    const fault = this.#clientFault(form, origin);
    if (fault !== undefined) return this.#error({ ...fault, error: 'invalid_client' });
    return json(200, {
      token_type: 'Bearer',
      expires_in: accessTokenSeconds,
      ext_expires_in: accessTokenSeconds,
      access_token: tokens.issue(resource, accessTokenSeconds),
    });
  }

  /** For a code: who signed in. */
  #person(form: URLSearchParams, origin: string): HttpResponse {
    const { clientId } = this.#options;
    if (form.get('client_id') !== clientId)
      return this.#error({ code: 700016, why: 'Application was not found.', error: 'unauthorized_client' });
    const fault = this.#clientFault(form, origin);
    if (fault !== undefined) return this.#error({ ...fault, error: 'invalid_client' });
    const redeemed = this.signIns.redeem(form, origin);
    return 'error' in redeemed ? this.#error(redeemed) : json(200, redeemed.grant);
  }

  /** Why the client is not believed to be who it says; undefined when it is. */
  #clientFault(form: URLSearchParams, origin: string): { code: number; why: string } | undefined {
    const { clientId, tenantId, clock } = this.#options;
    const secret = form.get('client_secret');
    if (secret !== null)
      return this.#secrets.has(secret)
        ? undefined
        : { code: 7000215, why: 'Invalid client secret provided.' };
    const assertion = form.get('client_assertion');
    if (assertion === null || form.get('client_assertion_type') !== ASSERTION_TYPE)
      return { code: 7000218, why: 'The request must contain client_assertion or client_secret.' };
    const now = clock.now() / 1_000;
    const federation = federationOf(assertion, this.#federations);
    if (federation !== undefined) return federatedFault(assertion, federation, now);
    return assertionFault(assertion, {
      clientId,
      audiences: [`${origin}/${tenantId}/oauth2/v2.0/token`, `${origin}/${tenantId}/v2.0`],
      certificates: this.#certificates,
      now,
    });
  }

  #error(what: { code: number; why: string; error: string }): HttpResponse {
    const { clock, random } = this.#options;
    const trace = uuid(random);
    const timestamp = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    return json(what.error === 'invalid_client' ? 401 : 400, {
      error: what.error,
      error_description: `AADSTS${what.code}: ${what.why} Trace ID: ${trace} Timestamp: ${timestamp}Z`,
      error_codes: [what.code],
      timestamp: `${timestamp}Z`,
      trace_id: trace,
      correlation_id: trace,
    });
  }
}

function json(status: number, body: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' },
    body: JSON.stringify(body),
  };
}
