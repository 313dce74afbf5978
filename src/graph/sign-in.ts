import type { Clock } from '../kit/clock.ts';
import type { Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { originsOf, type Cloud } from './clouds.ts';
import type { Credential } from './credential.ts';
import { personIn, type Person } from './id-token.ts';
import { authorizationUrl, redeemCode, type CodeRequest } from './msal.ts';
import { createSigningKeys } from './signing-keys.ts';

export interface SignInOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly cloud: Cloud;
  /** Asked when somebody signs in: one that cannot be read keeps nothing else from working. */
  readonly credential: () => Credential;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** People of one tenant who sign in: OpenID Connect by authorization code, with PKCE. */
export interface SignIn {
  /** Where a browser goes; no request is made. */
  urlFor(asked: CodeRequest & { readonly state: string; readonly challenge: string }): Promise<string>;
  /**
   * Who came back with this code. Throws `unauthorized` where code or token is not believed, `throttled` or `unavailable` where
   * the authority does not answer.
   */
  whoIs(answer: CodeRequest & { readonly code: string; readonly verifier: string }): Promise<Person>;
}

/** The Chinese cloud signs as the second of its names: learn.microsoft.com/entra/identity-platform/authentication-national-cloud. */
const FURTHER_ISSUERS: Readonly<Record<string, string>> = {
  'https://login.chinacloudapi.cn': 'https://login.partner.microsoftonline.cn',
};

export function createSignIn(options: SignInOptions): SignIn {
  const { tenantId, clientId, credential, clock } = options;
  const origins = originsOf(options.cloud);
  const request = { tenantId, clientId, origins, clock, transport: options.transport };
  const keys = createSigningKeys(`${origins.login}/${tenantId}/discovery/v2.0/keys`, options);
  const further = FURTHER_ISSUERS[origins.login];
  const hosts = [origins.login, ...(further === undefined ? [] : [further])];
  const issuers = hosts.map((host) => `${host}/${tenantId}/v2.0`);
  return {
    urlFor: (asked) => authorizationUrl(request, asked),
    async whoIs(answer) {
      const { prove } = credential();
      if (prove === undefined)
        throw new Fault('unauthorized', 'the identity of a host proves nothing at a sign-in');
      const token = await redeemCode(request, await prove(request), answer);
      const expected = { tenantId, clientId, issuers, nonce: answer.nonce, now: clock.now() };
      return personIn(token, expected, (kid) => keys.key(kid));
    },
  };
}
