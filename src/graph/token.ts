import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { originsOf, type Cloud } from './clouds.ts';
import type { AcquiredToken, Credential } from './credential.ts';

/** App-only access tokens, kept in memory only. */
export interface TokenSource {
  /**
   * A token that is good for a while yet. With `refused`, never that one again: a new one is fetched unless somebody
   * else did so meanwhile. Throws `unauthorized` with the AADSTS code, or `unavailable` / `throttled`.
   */
  token(refused?: RefusedToken): Promise<string>;
}

/** A token that Graph answered with 401, and the claims it asks for (continuous access evaluation). */
export interface RefusedToken {
  readonly token: string;
  readonly claims?: string | undefined;
}

export interface TokenSourceOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly cloud: Cloud;
  readonly credential: Credential;
  /** What tokens are for, without `/.default`: Graph unless given. */
  readonly resource?: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Told with each token when the certificate behind it ends (milliseconds since 1970). */
  readonly onCertificate?: (ends: number) => void;
}

interface Grant {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
}

/** Renewed this long before the end, so that no request is under way with a token that ends. */
const RENEW_BEFORE_END_MS = 5 * 60_000;
const CERTIFICATE_WARNING_MS = 30 * 86_400_000;
/** After a failure without a Retry-After nobody asks again for this long, however many requests wait for a token. */
const REST_AFTER_FAILURE_MS = 1_000;

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const origins = originsOf(options.cloud);
  let grant: Grant | undefined;
  let pending: Promise<Grant> | undefined;
  let failure: { readonly fault: Fault; readonly until: number } | undefined;

  const fetchGrant = async (claims?: string): Promise<Grant> => {
    try {
      const startedAt = options.clock.now();
      const acquired = await options.credential.acquire({ ...options, origins, claims });
      const { token, lifetimeMs } = acquired;
      tellOfEnd(acquired, options);
      grant = { token, renewAt: startedAt + Math.max(lifetimeMs - RENEW_BEFORE_END_MS, lifetimeMs / 2) };
      options.log.debug('token acquired', { tenant: options.tenantId, challenged: claims !== undefined });
      return grant;
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault('unauthorized', 'no token', { cause: error });
      failure = { fault, until: fault.retryAt ?? options.clock.now() + REST_AFTER_FAILURE_MS };
      options.log.tell('token-refused', { tenant: options.tenantId, kind: fault.kind, code: fault.code });
      throw fault;
    } finally {
      pending = undefined;
    }
  };

  return {
    token: async (refused) => {
      const current = pending === undefined ? grant : await pending;
      const now = options.clock.now();
      if (current !== undefined && current.token !== refused?.token && now < current.renewAt)
        return current.token;
      if (pending === undefined && failure !== undefined && now < failure.until) throw failure.fault;
      pending ??= fetchGrant(refused?.claims);
      return (await pending).token;
    },
  };
}

function tellOfEnd(
  { certificateEnds }: AcquiredToken,
  { clock, log, tenantId, onCertificate }: TokenSourceOptions,
): void {
  if (certificateEnds === undefined) return;
  onCertificate?.(certificateEnds);
  const leftMs = certificateEnds - clock.now();
  if (leftMs < CERTIFICATE_WARNING_MS) {
    log.tell('certificate-ending', { tenant: tenantId, days: Math.floor(leftMs / 86_400_000) });
  }
}
