import {
  ConfidentialClientApplication,
  PublicClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
} from '@azure/msal-node';
import type { HttpResponse } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { ask, parsed, refusal } from './credentials/ask.ts';
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
  const { clock, claims } = options;
  const network = observedNetwork(options);
  const application = new ConfidentialClientApplication({
    auth: { ...registration(options), clientCapabilities: ['cp1'], ...proof },
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

const WHO = 'the token endpoint';

/** Of somebody who signs in: `openid` brings the id token, and msal asks for the rest of OpenID's scopes by itself. */
const SIGN_IN_SCOPES = ['openid', 'profile'];

/** One sign-in by authorization code; `redirectUri` is the same in both of its steps, as the app registration has it. */
export interface CodeRequest {
  readonly redirectUri: string;
  /** What the id token must say. */
  readonly nonce: string;
}

/** Where a browser goes to sign in; no request is made. `challenge`: SHA-256 of the verifier in base64url (PKCE, RFC 7636). */
export async function authorizationUrl(
  options: Pick<TokenRequest, 'tenantId' | 'clientId' | 'origins'>,
  { challenge, ...rest }: CodeRequest & { readonly state: string; readonly challenge: string },
): Promise<string> {
  // It proves nothing yet, so it takes no credential: whoever asks for the page makes no key sign.
  const application = new PublicClientApplication({ auth: registration(options) });
  return application.getAuthCodeUrl({
    ...rest,
    scopes: SIGN_IN_SCOPES,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    responseMode: 'query',
    // Who was refused with one account can take another; else Entra would go on with the first.
    prompt: 'select_account',
  });
}

/** The id token for a code, not checked but for the nonce. Throws as `acquireToken` does. */
export async function redeemCode(
  options: TokenRequest,
  proof: ClientProof,
  { code, verifier, ...rest }: CodeRequest & { readonly code: string; readonly verifier: string },
): Promise<string> {
  const network = observedNetwork(options);
  const application = new ConfidentialClientApplication({
    auth: { ...registration(options), ...proof },
    system: { networkClient: network.module, disableInternalRetries: true },
  });
  try {
    const asked = { ...rest, code, codeVerifier: verifier, scopes: SIGN_IN_SCOPES };
    const { idToken } = await application.acquireTokenByCode(asked);
    if (idToken === '') throw new TypeError('an answer without an id token');
    return idToken;
  } catch (error) {
    const last = network.last();
    // The endpoint gave one, and msal does not believe it. What is no JSON is a page of something in between.
    const isAnswer = last !== undefined && !(last instanceof Fault) && parsed(last.body) !== undefined;
    if (isAnswer && last.status === 200)
      throw new Fault('unauthorized', 'the id token is not believed', slugOf(error));
    throw tokenFault(error, last, options.clock.now());
  }
}

function registration({
  clientId,
  tenantId,
  origins: { login },
}: Pick<TokenRequest, 'tenantId' | 'clientId' | 'origins'>) {
  return {
    clientId,
    authority: `${login}/${tenantId}`,
    knownAuthorities: [new URL(login).host],
    authorityMetadata: authorityMetadata(login, tenantId),
  };
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
      response = await ask(request, { method, url, headers: options?.headers ?? {}, ...body }, WHO);
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
  if (last !== undefined) return refusal(last, { who: WHO, code: /AADSTS\d{4,9}/.exec(last.body)?.[0], now });
  return new Fault('unauthorized', 'no token request could be made', slugOf(error));
}

/** msal's own errors (of configuration, say) carry a short slug. */
function slugOf(error: unknown): { code?: string } {
  const code = text(error, 'errorCode');
  return code === null ? {} : { code };
}
