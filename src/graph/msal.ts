import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
} from '@azure/msal-node';
import type { Clock } from '../kit/clock.ts';
import type { HttpResponse, Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import type { SigningCertificate } from './certificate.ts';
import type { CloudOrigins } from './clouds.ts';
import { withDeadline } from './deadline.ts';
import { field, text } from './json.ts';
import { lostConnection } from './lost-connection.ts';
import { readRetryAfter } from './retry-after.ts';

const TOKEN_DEADLINE_MS = 30_000;

export interface Acquisition {
  readonly tenantId: string;
  readonly clientId: string;
  readonly origins: CloudOrigins;
  readonly certificate: SigningCertificate;
  readonly transport: Transport;
  readonly clock: Clock;
}

export interface AcquiredToken {
  readonly token: string;
  readonly lifetimeMs: number;
}

/**
 * One token from msal-node. A fresh application each time: msal would keep tokens, and a memory of throttling,
 * by the machine's clock; ours is the clock port's, and a token is asked for once an hour. Throws `unauthorized`
 * with the AADSTS code, `throttled`, or `unavailable`.
 */
export async function acquireToken(options: Acquisition, claims?: string): Promise<AcquiredToken> {
  const { clock, origins, certificate } = options;
  const network = observedNetwork(options);
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: options.clientId,
      authority: `${origins.login}/${options.tenantId}`,
      knownAuthorities: [new URL(origins.login).host],
      authorityMetadata: authorityMetadata(origins.login, options.tenantId),
      clientCapabilities: ['cp1'],
      clientCertificate: {
        thumbprintSha256: certificate.thumbprintSha256,
        privateKey: certificate.keyPem,
        x5c: certificate.chainPem,
      },
    },
    system: { networkClient: network.module, disableInternalRetries: true },
  });
  try {
    const result = await application.acquireTokenByClientCredential({
      scopes: [`${origins.graph}/.default`],
      skipCache: true,
      azureRegion: 'DisableMsalForceRegion',
      ...(claims === undefined ? {} : { claims }),
    });
    const lifetimeMs = network.expiresInSeconds() * 1000;
    if (result === null || !(lifetimeMs > 0)) throw new TypeError('an answer without a token');
    return { token: result.accessToken, lifetimeMs };
  } catch (error) {
    throw tokenFault(error, network.last(), clock.now());
  }
}

/** Given statically, so that the token request is the only request: no discovery of the instance or of OpenID. */
function authorityMetadata(login: string, tenantId: string): string {
  const base = `${login}/${tenantId}`;
  return JSON.stringify({
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    issuer: `${base}/v2.0`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  });
}

interface ObservedNetwork {
  readonly module: INetworkModule;
  readonly last: () => HttpResponse | Fault | undefined;
  readonly expiresInSeconds: () => number;
}

/** msal's network port on our transport; remembers the answer, since msal wraps errors until the reason is lost. */
function observedNetwork({ transport, clock }: Acquisition): ObservedNetwork {
  let last: HttpResponse | Fault | undefined;
  let expiresIn = 0;
  const send = async (method: string, url: string, options?: NetworkRequestOptions) => {
    let response: HttpResponse;
    try {
      const body = options?.body === undefined ? {} : { body: options.body };
      response = await withDeadline(clock, TOKEN_DEADLINE_MS, (signal) =>
        transport({ method, url, headers: options?.headers ?? {}, ...body, signal }),
      );
    } catch (error) {
      // A token request changes nothing: it may always be repeated.
      last = lostConnection('GET', error);
      throw last;
    }
    last = response;
    const body = JSON.parse(response.body);
    expiresIn = Number(field(body, 'expires_in'));
    return { status: response.status, headers: { ...response.headers }, body };
  };
  return {
    module: {
      sendGetRequestAsync: (url, options) => send('GET', url, options),
      sendPostRequestAsync: (url, options) => send('POST', url, options),
    },
    last: () => last,
    expiresInSeconds: () => expiresIn,
  };
}

/** Of an error description only the AADSTS number is kept: the text may quote ids and addresses. */
function tokenFault(error: unknown, last: HttpResponse | Fault | undefined, now: number): Fault {
  if (last instanceof Fault) return last;
  if (last === undefined)
    return new Fault('unauthorized', 'no token request could be made', codeOf(msalCode(error)));
  const retryAt = readRetryAfter(last.headers, now);
  const code = /AADSTS\d{4,9}/.exec(last.body)?.[0];
  const details = { status: last.status, ...codeOf(code), ...(retryAt === undefined ? {} : { retryAt }) };
  if (last.status === 429) return new Fault('throttled', 'the token endpoint asks to wait', details);
  const broken = last.status >= 500 || last.status < 400;
  if (broken) return new Fault('unavailable', 'the token endpoint has no usable answer', details);
  return new Fault('unauthorized', 'the token endpoint refused the credential', details);
}

/** msal's own errors (of configuration, say) carry a short slug. */
function msalCode(error: unknown): string | undefined {
  return text(error, 'errorCode') ?? undefined;
}

function codeOf(code: string | undefined): { code?: string } {
  return code === undefined ? {} : { code };
}
