import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import { freshId, isSame } from './sessions.ts';

/** One sign-in on its way to the authority and back, all of it made from what the cookie of one browser holds. */
export interface Flow {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636): it never leaves this process but for the token endpoint. */
  readonly verifier: string;
  readonly challenge: string;
}

export interface Flows {
  /** `cookie`: what the browser is to hold. */
  begin(): Flow & { readonly cookie: string };
  /** Null: not made here, or too old. */
  of(cookie: string | undefined): Flow | null;
}

/** Long enough for a password, a second factor, and a consent. */
export const FLOW_MS = 10 * 60_000;

/**
 * Nothing is kept for somebody who has not signed in, so whoever begins many takes no memory and pushes out nobody. What a
 * cookie leads to takes the key of this process: who puts a cookie there knows its state, and neither nonce nor verifier.
 */
export function createFlows({ clock, random }: { clock: Clock; random: Random }): Flows {
  const key = random.bytes(32);
  const derived = (what: string, cookie: string): string =>
    createHmac('sha256', key).update(`${what} ${cookie}`).digest('base64url');
  const flowOf = (cookie: string): Flow => {
    const verifier = derived('verifier', cookie);
    return {
      state: derived('state', cookie),
      nonce: derived('nonce', cookie),
      verifier,
      challenge: createHash('sha256').update(verifier).digest('base64url'),
    };
  };
  return {
    begin() {
      const cookie = `${freshId(random)}.${clock.now().toString(36)}`;
      return { ...flowOf(cookie), cookie };
    },
    of(cookie) {
      const [, began] = /^[\w-]{43}\.([0-9a-z]{1,11})$/.exec(cookie ?? '') ?? [];
      if (cookie === undefined || began === undefined) return null;
      const age = clock.now() - Number.parseInt(began, 36);
      return age < 0 || age >= FLOW_MS ? null : flowOf(cookie);
    },
  };
}

/** Whether an answer belongs to the flow. */
export function isStateOf({ state }: Flow, given: string): boolean {
  return isSame(state, given);
}
