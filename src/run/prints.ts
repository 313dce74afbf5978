import type { Needs } from '../engine/needs.ts';
import { digest, fingerprint } from '../model/card.ts';

/** Fingerprints and digests under one key. */
export type Prints = Pick<Needs, 'fingerprint' | 'digest'>;

export function printsUnder(key: Uint8Array): Prints {
  return {
    fingerprint: (card) => fingerprint(key, card),
    digest: (...parts) => digest(key, ...parts),
  };
}
