import { createHmac } from 'node:crypto';
import { Refusal } from '../queue/refusal.ts';
import type { Claim, Rights } from './rights.ts';

/** What a token for Service Bus must be issued for (the SDK asks for `https://servicebus.azure.net//.default`). */
const AUDIENCE = 'https://servicebus.azure.net';

export interface TokenWish {
  /** Object id of the identity. */
  readonly oid: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly audience?: string;
}

/** A token as Entra would issue it, but signed with a shared key: the double's own. */
export function makeToken({ oid, key, issuedAt, expiresAt, audience }: TokenWish): string {
  const head = { alg: 'HS256', typ: 'JWT' };
  const body = {
    aud: audience ?? `${AUDIENCE}/`,
    oid,
    sub: oid,
    iat: Math.floor(issuedAt / 1_000),
    nbf: Math.floor(issuedAt / 1_000),
    exp: Math.floor(expiresAt / 1_000),
  };
  const text = [head, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign(text, key)}`;
}

/** Throws `unauthorized` for another signature or audience, outside its time, and for an identity without any right. */
export function checkJwt(
  token: string,
  { key, now, identities }: { key: string; now: number; identities: Readonly<Record<string, Rights>> },
): Claim {
  const [head = '', body = '', signature = ''] = token.split('.');
  if (sign(`${head}.${body}`, key) !== signature)
    throw refused('InvalidSignature: not signed by the authority.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  if (String(claims['aud']).replace(/\/+$/, '') !== AUDIENCE)
    throw refused(`InvalidAudience: the token is for '${String(claims['aud'])}'.`);
  const until = Number(claims['exp']) * 1_000;
  if (!(until > now)) throw refused('ExpiredToken: The token is expired.');
  if (!(Number(claims['nbf']) * 1_000 <= now)) throw refused('the token is not valid yet.');
  const rights = identities[String(claims['oid'])];
  if (rights === undefined) throw refused('Unauthorized access: the identity has no role here.');
  return { rights, until };
}

function sign(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function refused(why: string): Refusal {
  return new Refusal('unauthorized', why);
}
