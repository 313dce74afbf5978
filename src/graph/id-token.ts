import { verify, type KeyObject } from 'node:crypto';
import { field, text, texts } from '../kit/json.ts';
import { Fault } from '../model/fault.ts';
import { parsed } from './credentials/ask.ts';

/** Somebody who signed in: by object id alone, since names and addresses are nobody's business here. */
export interface Person {
  /** Object id in the tenant, in lower case. */
  readonly account: string;
  /** The app roles that are assigned to them, also by way of a group. */
  readonly roles: readonly string[];
}

export interface Expected {
  readonly tenantId: string;
  readonly clientId: string;
  /** Any of these; the Chinese cloud signs in another name than it is asked by. */
  readonly issuers: readonly string[];
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Entra's own tolerance between two clocks. */
const SKEW_S = 300;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Who an id token says that somebody is, when it was signed for this app, this tenant and this sign-in, and is good now
 * (OpenID Connect Core 3.1.3.7; learn.microsoft.com/entra/identity-platform/id-token-claims-reference). `keyOf`: the key of the
 * authority by its id. Throws `unauthorized` with what is wrong as its code.
 */
export async function personIn(
  token: string,
  expected: Expected,
  keyOf: (kid: string) => Promise<KeyObject | undefined>,
): Promise<Person> {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  const [header, claims] = [partOf(head), partOf(body)];
  // No other algorithm, whatever the token would like: `none` and keys of its own are how such tokens are forged.
  if (more.length > 0 || text(header, 'alg') !== 'RS256') throw unbelieved('algorithm');
  const key = await keyOf(text(header, 'kid') ?? '');
  if (key === undefined) throw unbelieved('unknown key');
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')))
    throw unbelieved('signature');
  const wrong = wrongIn(claims, expected);
  if (wrong !== null) throw unbelieved(wrong);
  const account = text(claims, 'oid')?.toLowerCase() ?? '';
  if (!GUID.test(account)) throw unbelieved('account');
  return { account, roles: texts(claims, 'roles') };
}

function wrongIn(claims: unknown, { tenantId, clientId, issuers, nonce, now }: Expected): string | null {
  const seconds = now / 1_000;
  const time = (name: string): number => Number(field(claims, name) ?? NaN);
  if (!issuers.includes(text(claims, 'iss') ?? '')) return 'issuer';
  if (text(claims, 'aud') !== clientId) return 'audience';
  if (text(claims, 'tid')?.toLowerCase() !== tenantId.toLowerCase()) return 'tenant';
  if (text(claims, 'nonce') !== nonce) return 'nonce';
  if (!(time('exp') > seconds - SKEW_S)) return 'expired';
  if (!(time('nbf') <= seconds + SKEW_S)) return 'not valid yet';
  return null;
}

function partOf(part: string): unknown {
  return parsed(Buffer.from(part, 'base64url').toString('utf8'));
}

function unbelieved(code: string): Fault {
  return new Fault('unauthorized', 'the id token is not believed', { code });
}
