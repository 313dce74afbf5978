import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import { Refusal } from '../http/call.ts';

interface AccessTokensOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tenantId: string;
  readonly clientId: string;
  readonly roles: readonly string[];
  readonly strict: boolean;
}

/** Issues bearer tokens, knows which are good, and takes them back. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  readonly #expiry = new Map<string, number>();
  /** Tokens that a claims challenge has been answered for: only a newer one will do. */
  readonly #challenged = new Set<string>();

  constructor(options: AccessTokensOptions) {
    this.#options = options;
  }

  /** Looks like the real ones, so that nobody can rely on its being opaque; the signature is noise. */
  issue(audience: string, seconds: number): string {
    const { clock, random, tenantId, clientId, roles } = this.#options;
    const now = Math.floor(clock.now() / 1_000);
    const claims = {
      aud: audience,
      tid: tenantId,
      appid: clientId,
      roles,
      iat: now,
      nbf: now,
      exp: now + seconds,
    };
    const noise = Buffer.from(random.bytes(32)).toString('base64url');
    const token = `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${noise}`;
    this.#forgetExpired();
    this.#expiry.set(token, clock.now() + seconds * 1_000);
    return token;
  }

  /** Throws 401 unless the header bears a token that is good now. */
  demand(authorization: string | undefined): void {
    const token = bearer(authorization);
    if (token !== undefined && this.#challenged.has(token)) throw this.challenge(authorization);
    if (!this.#options.strict) return;
    const expiry = token === undefined ? undefined : this.#expiry.get(token);
    if (expiry === undefined || expiry <= this.#options.clock.now()) throw this.invalid();
  }

  invalid(): Refusal {
    return new Refusal(
      401,
      'InvalidAuthenticationToken',
      'Lifetime validation failed, the token is expired.',
    ).with({
      'WWW-Authenticate':
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    });
  }

  /** Ends a token's life before its time, as its expiry between two requests does. */
  expire(authorization: string | undefined): void {
    const token = bearer(authorization);
    if (token !== undefined) this.#expiry.delete(token);
  }

  /** Every token so far is answered with a claims challenge from now on: continuous access evaluation. */
  revokeAll(): void {
    for (const token of this.#expiry.keys()) this.#challenged.add(token);
  }

  /** The 401 that carries claims; the token that met it stays refused until it is replaced. */
  challenge(authorization: string | undefined): Refusal {
    const token = bearer(authorization);
    if (token !== undefined && this.#options.strict) this.#challenged.add(token);
    const nbf = String(Math.floor(this.#options.clock.now() / 1_000));
    const claims = Buffer.from(
      JSON.stringify({ access_token: { nbf: { essential: true, value: nbf } } }),
    ).toString('base64');
    return new Refusal(
      401,
      'InvalidAuthenticationToken',
      'Continuous access evaluation resulted in challenge.',
    ).with({
      'WWW-Authenticate': `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${claims}"`,
    });
  }

  #forgetExpired(): void {
    const now = this.#options.clock.now();
    for (const [token, expiry] of this.#expiry) {
      if (expiry > now) continue;
      this.#expiry.delete(token);
      this.#challenged.delete(token);
    }
  }
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
