import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
} from '@azure/msal-node';
import type { HttpResponse } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { ask, refusal } from './credentials/ask.ts';
import type { AcquiredToken, ClientProof, TokenRequest } from './credential.ts';
import { field, text } from '../kit/json.ts';

/**
 * One token from msal-node. A fresh application each time: msal would keep tokens, and a memory of throttling,
 * by the machine's clock; ours is the clock port's, and a token is asked for once an hour. Throws `unauthorized`
 * with the AADSTS code, `throttled`, or `unavailable`. `scope`: of what the token is for unless given.
 */
export async function acquireToken(
  options: TokenRequest,
  proof: ClientProof,
  scope = `${options.resource ?? options.origins.graph}/.default`,
): Promise<AcquiredToken> {
  const { clock, origins, claims } = options;
  const network = observedNetwork(options);
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: options.clientId,
      authority: `${origins.login}/${options.tenantId}`,
      knownAuthorities: [new URL(origins.login).host],
      authorityMetadata: authorityMetadata(origins.login, options.tenantId),
      clientCapabilities: ['cp1'],
      ...proof,
    },
    system: { networkClient: network.module, disableInternalRetries: true },
  });
  try {
    const result = await application.acquireTokenByClientCredential({
      scopes: [scope],
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
function observedNetwork(request: TokenRequest): ObservedNetwork {
  let last: HttpResponse | Fault | undefined;
  let expiresIn = 0;
  const send = async (method: string, url: string, options?: NetworkRequestOptions) => {
    let response: HttpResponse;
    try {
      const body = options?.body === undefined ? {} : { body: options.body };
      response = await ask(request, { method, url, headers: options?.headers ?? {}, ...body });
    } catch (error) {
      last = error instanceof Fault ? error : undefined;
      throw error;
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
  if (last !== undefined)
    return refusal(last, { who: 'the token endpoint', code: /AADSTS\d{4,9}/.exec(last.body)?.[0], now });
  // msal's own errors (of configuration, say) carry a short slug.
  const code = text(error, 'errorCode');
  return new Fault('unauthorized', 'no token request could be made', code === null ? {} : { code });
}
