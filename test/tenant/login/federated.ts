import { verify, type KeyObject } from 'node:crypto';

/** Another issuer whose tokens the app registration trusts: a federated identity credential. */
export interface Federation {
  readonly issuer: string;
  readonly subject: string;
  /** RSA; the issuer signs with RS256. */
  readonly key: KeyObject;
}

/** What a federated credential asks for unless told otherwise [learn, workload identity federation]. */
const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

/** The claims of a token; undefined when it is none. */
function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The federation that an assertion claims to come from; undefined for the app's own. */
export function federationOf(token: string, trusted: readonly Federation[]): Federation | undefined {
  const issuer = claimsOf(token)?.['iss'];
  return trusted.find((one) => one.issuer === issuer);
}

/** Why a federated token is not accepted, with Entra's number for it; undefined when it is. `now` in seconds. */
export function federatedFault(
  token: string,
  { subject, key }: Federation,
  now: number,
): { code: number; why: string } | undefined {
  const [head = '', body = '', signature = ''] = token.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')))
    return { code: 7000272, why: 'The federated token failed signature validation.' };
  const { sub, aud, exp } = claimsOf(token) ?? {};
  if (sub !== subject || aud !== EXCHANGE_AUDIENCE)
    return { code: 700213, why: 'No matching federated identity record found.' };
  if (typeof exp !== 'number' || exp < now)
    return { code: 700024, why: 'Client assertion is not within its valid time range.' };
  return undefined;
}
