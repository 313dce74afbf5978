import type { Clock } from '../kit/clock.ts';
import type { Transport } from '../kit/transport.ts';
import type { CloudOrigins } from './clouds.ts';

/** Who asks for a token, of whom, and for what. */
export interface TokenRequest {
  readonly tenantId: string;
  readonly clientId: string;
  readonly origins: CloudOrigins;
  /** What the token is for, without `/.default`: Graph unless given. */
  readonly resource?: string;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Asked for by a claims challenge (continuous access evaluation). */
  readonly claims?: string | undefined;
}

export interface AcquiredToken {
  readonly token: string;
  readonly lifetimeMs: number;
  /** When the certificate that was used ends (milliseconds since 1970); absent where there is none. */
  readonly certificateEnds?: number;
}

/**
 * How an app proves itself; one kind of it to a file in `credentials/`. Nothing of it is stored, and whatever can be
 * renewed from outside is read again for every token. Throws `unauthorized` with the service's code, `throttled`,
 * `unavailable`, or `invalid` for a credential that cannot be used.
 */
export interface Credential {
  acquire(request: TokenRequest): Promise<AcquiredToken>;
  /**
   * What goes with another request of the app to the token endpoint, such as one for somebody who signs in. Absent where the
   * credential is given tokens and proves nothing: the identity of a host.
   */
  readonly prove?: (request: TokenRequest) => Promise<ClientProof>;
}

/** What goes with a request to the token endpoint: exactly what msal-node takes. */
export type ClientProof =
  | {
      readonly clientCertificate: {
        readonly thumbprintSha256: string;
        readonly privateKey: string;
        readonly x5c: string;
      };
    }
  | { readonly clientAssertion: string }
  | { readonly clientSecret: string };
