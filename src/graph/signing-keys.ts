import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { list, text } from '../kit/json.ts';
import type { Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { ask, parsed, refusal } from './credentials/ask.ts';

/** The keys with which an authority signs tokens, by their ids. */
export interface SigningKeys {
  /** Undefined: the authority has none of this id. Throws `unavailable` where it does not say which it has. */
  key(kid: string): Promise<KeyObject | undefined>;
}

/** Microsoft rolls its keys over without a date, and advises to look once a day (learn.microsoft.com/entra/identity-platform/signing-key-rollover). */
const KEPT_MS = 24 * 3_600_000;
/** A new key is looked for when a token names it; made-up names are no reason to ask all the time. */
const AGAIN_MS = 60_000;

/** `url`: of the JSON Web Key Set. */
export function createSigningKeys(
  url: string,
  around: { readonly transport: Transport; readonly clock: Clock },
): SigningKeys {
  let known: ReadonlyMap<string, KeyObject> = new Map();
  let readAt = -Infinity;
  return {
    async key(kid) {
      const now = around.clock.now();
      const age = now - readAt;
      if (age >= KEPT_MS || (!known.has(kid) && age >= AGAIN_MS)) {
        known = await readKeys(url, around);
        readAt = now;
      }
      return known.get(kid);
    },
  };
}

async function readKeys(
  url: string,
  around: { readonly transport: Transport; readonly clock: Clock },
): Promise<ReadonlyMap<string, KeyObject>> {
  const response = await ask(around, { method: 'GET', url, headers: {} });
  const now = around.clock.now();
  if (response.status !== 200) throw refusal(response, { who: 'the authority', now });
  const keys = list(parsed(response.body), 'keys');
  if (keys === undefined) throw new Fault('unavailable', 'the authority names no signing keys');
  return new Map(keys.flatMap((jwk) => keyIn(jwk)));
}

/** Of RSA, for signatures; what is something else is left out. */
function keyIn(jwk: unknown): [string, KeyObject][] {
  const [kid, kty, n, e] = [text(jwk, 'kid'), text(jwk, 'kty'), text(jwk, 'n'), text(jwk, 'e')];
  if (kid === null || kty !== 'RSA' || n === null || e === null) return [];
  try {
    return [[kid, createPublicKey({ key: { kty, n, e }, format: 'jwk' })]];
  } catch {
    return [];
  }
}
