import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { HttpResponse, Transport } from '../../src/kit/transport.ts';

/** A pair of keys as an authority publishes the one and signs with the other. */
export interface Signer {
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly publicKey: KeyObject;
  token(claims: Readonly<Record<string, unknown>>): string;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signer(kid: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    publicKey,
    token(claims) {
      const signed = `${part({ alg: 'RS256', kid })}.${part(claims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

/** Gives these keys, or what stands in `instead`, to everybody who asks. */
export interface KeySet {
  keys: readonly Readonly<Record<string, unknown>>[];
  instead: Partial<HttpResponse> | Error | null;
  asked: number;
  readonly transport: Transport;
}

export function keySet(...keys: readonly Signer[]): KeySet {
  const set: KeySet = {
    keys: keys.map(({ jwk }) => jwk),
    instead: null,
    asked: 0,
    transport: async () => {
      set.asked += 1;
      await Promise.resolve();
      if (set.instead instanceof Error) throw set.instead;
      return { status: 200, headers: {}, body: JSON.stringify({ keys: set.keys }), ...set.instead };
    },
  };
  return set;
}
