import type { Random } from '../../src/kit/random.ts';

/** sfc32: small, fast, and the same on every machine. A seed replays a run; never fit for keys. */
export function seededRandom(seed: number): Random {
  let a = seed | 0;
  let b = (seed / 2 ** 32) | 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  return {
    float: () => next() / 2 ** 32,
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 4) {
        const word = next();
        for (let shift = 0; shift < 4 && at + shift < count; shift += 1)
          bytes[at + shift] = word >>> (8 * shift);
      }
      return bytes;
    },
  };
}

/** True with the given probability; draws nothing when the answer is known, so that unused faults shift no sequence. */
export function chance(random: Random, probability: number): boolean {
  if (probability <= 0) return false;
  if (probability >= 1) return true;
  return random.float() < probability;
}

/** A whole number from 0 up to, not including, `below`. */
export function integer(random: Random, below: number): number {
  return Math.floor(random.float() * below);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  if (list.length === 0) throw new RangeError('Nothing to pick from an empty list');
  return list[integer(random, list.length)] as T;
}

/** Fisher-Yates, in place. */
export function shuffle<T>(random: Random, list: T[]): T[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = integer(random, at + 1);
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}
