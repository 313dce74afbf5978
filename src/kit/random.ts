import { randomBytes } from 'node:crypto';

/** Randomness as a port, so that a seed replays a run. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** `count` bytes; the system's are fit for keys, a seeded test's are not. */
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (count) => randomBytes(count),
};

/** A version-4 UUID drawn from the given randomness. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
