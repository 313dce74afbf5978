import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../queue/refusal.ts';
import type { Claim, Rights } from './rights.ts';

/** A shared access policy of the namespace. */
export interface SharedKey {
  readonly name: string;
  readonly key: string;
  readonly rights: Rights;
}

/**
 * Checks a shared access signature for what somebody wants to reach: `sr` (escaped) and the expiry in seconds, signed
 * with HMAC-SHA256 (learn.microsoft.com/rest/api/eventhub/generate-sas-token). Throws `unauthorized`.
 */
export function checkSas(
  token: string,
  wanted: string,
  { keys, now }: { keys: readonly SharedKey[]; now: number },
): Claim {
  const [scheme, fields = ''] = token.split(' ', 2);
  if (scheme !== 'SharedAccessSignature') throw refused('MalformedToken: no shared access signature.');
  const read = new Map(
    fields.split('&').map((field): [string, string] => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
  const [sr = '', sig = '', se = '', skn = ''] = ['sr', 'sig', 'se', 'skn'].map((name) => read.get(name));
  const key = keys.find(({ name }) => name === decodeURIComponent(skn));
  if (key === undefined) throw refused('InvalidSignature: there is no such shared access policy.');
  const right = createHmac('sha256', key.key).update(`${sr}\n${se}`).digest('base64');
  // Queue clients escape the signature, the administration client does not.
  if (!same(right, sig.includes('%') ? decodeURIComponent(sig) : sig))
    throw refused('InvalidSignature: The token has an invalid signature.');
  if (Number(se) * 1_000 <= now) throw refused('ExpiredToken: The token is expired.');
  const scope = resource(decodeURIComponent(sr));
  const asked = resource(wanted);
  if (asked !== scope && !asked.startsWith(`${scope}/`) && scope !== '')
    throw refused('InvalidAudience: the token is for another resource.');
  return { rights: key.rights, until: Number(se) * 1_000 };
}

/** The path in a namespace, whatever the scheme, host and query before and behind it. */
export function resource(uri: string): string {
  return uri
    .replace(/^[a-z]+:\/\/[^/]*\/?/i, '')
    .replace(/\?.*$/, '')
    .replace(/\/$/, '')
    .toLowerCase();
}

function same(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function refused(why: string): Refusal {
  return new Refusal('unauthorized', why);
}
