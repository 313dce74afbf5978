import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { field, list, text } from '../kit/json.ts';
import type { Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { ask, parsed } from './credentials/ask.ts';

/** The keys with which an authority signs tokens, by their ids. */
export interface SigningKeys {
  /** Undefined: the authority has none of this id. Throws `unavailable` where it does not say which it has. */
  key(kid: string): Promise<KeyObject | undefined>;
}

/** Microsoft rolls its keys over without a date, and advises to look once a day (learn.microsoft.com/entra/identity-platform/signing-key-rollover). */
const KEPT_MS = 24 * 3_600_000;
/** A new key is looked for when a token names it; made-up names, and a failure, are no reason to ask all the time. */
const AGAIN_MS = 60_000;
/** Known keys count for so long beyond their day while the authority does not say which it has. */
const GRACE_MS = 3_600_000;

type Keys = ReadonlyMap<string, KeyObject>;

/** `url`: of the JSON Web Key Set. */
export function createSigningKeys(
  url: string,
  around: { readonly transport: Transport; readonly clock: Clock },
): SigningKeys {
  const { clock } = around;
  let known: Keys = new Map();
  let readAt = -Infinity;
  let failed: { readonly at: number; readonly error: unknown } | null = null;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const began = clock.now();
    try {
      known = await readKeys(url, around);
      readAt = began;
      failed = null;
    } catch (error) {
      failed = { at: clock.now(), error };
    }
  }

  /** One reading for all who ask meanwhile. */
  async function readOnce(): Promise<void> {
    reading ??= read().finally(() => (reading = null));
    await reading;
  }

  return {
    async key(kid) {
      const age = clock.now() - readAt;
      const isDue = age >= KEPT_MS || (!known.has(kid) && age >= AGAIN_MS);
      const isResting = failed !== null && clock.now() - failed.at < AGAIN_MS;
      if (isDue && !isResting) await readOnce();
      if (isDue && failed !== null && (!known.has(kid) || clock.now() - readAt >= KEPT_MS + GRACE_MS))
        throw failed.error;
      return known.get(kid);
    },
  };
}

async function readKeys(
  url: string,
  around: { readonly transport: Transport; readonly clock: Clock },
): Promise<Keys> {
  const { status, body } = await ask(around, { method: 'GET', url, headers: {} }, 'the authority');
  // They are public: a refusal is about no credential, and comes from something in between.
  if (status !== 200)
    throw new Fault('unavailable', `the authority answers ${status} in place of its signing keys`, {
      status,
    });
  const keys = list(parsed(body), 'keys');
  if (keys === undefined) throw new Fault('unavailable', 'the authority names no signing keys');
  return new Map(keys.flatMap((jwk) => keyIn(jwk)));
}

/** Of RSA, for signatures; what is something else is left out. */
function keyIn(jwk: unknown): [string, KeyObject][] {
  const [kid, kty, n, e] = [text(jwk, 'kid'), text(jwk, 'kty'), text(jwk, 'n'), text(jwk, 'e')];
  // Not required of a key (RFC 7517); where it is there, one for encryption is none for us.
  const isForOther = field(jwk, 'use') !== undefined && text(jwk, 'use') !== 'sig';
  if (kid === null || kty !== 'RSA' || n === null || e === null || isForOther) return [];
  try {
    return [[kid, createPublicKey({ key: { kty, n, e }, format: 'jwk' })]];
  } catch {
    return [];
  }
}
