import { createHash } from 'node:crypto';
import type { QueueName } from '../messages.ts';

/**
 * A session of Service Bus is a bucket of keys: a fixed number of them is held for a long time, since accepting one costs
 * a round trip for its claim, one after the other on a connection. So many by default.
 */
export const BUCKETS = 64;

/** Which bucket a key belongs to: the same in every process and version, for as long as the number of buckets is. */
export function bucketOf(queue: QueueName, key: string, buckets: number): number {
  if (queue === 'changes') return hashOf(key) % buckets;
  const at = key.lastIndexOf('|');
  const slab = Number(key.slice(at + 1));
  // Slabs are numbered, so they spread better by their number than by any hash; tenants begin at different buckets.
  return Number.isSafeInteger(slab) && slab >= 0
    ? (hashOf(key.slice(0, Math.max(0, at))) + slab) % buckets
    : hashOf(key) % buckets;
}

/** The session's id. It sorts as the number does, so that a person finds it in a list. */
export function sessionOf(bucket: number): string {
  return String(bucket).padStart(3, '0');
}

/** The bucket of a session's id; null for one that was not ours to name. */
export function bucketIn(session: string | undefined): number | null {
  return session !== undefined && /^\d{3,}$/.test(session) ? Number(session) : null;
}

/** A worker's part of the buckets: how many workers there are, and the how manieth this one is, from 0. */
export interface Share {
  readonly workers: number;
  readonly index: number;
}

/** How many buckets a worker holds when all hold alike; the first ones hold what remains. */
export function fairShare({ workers, index }: Share, buckets: number): number {
  const most = Math.max(1, Math.floor(workers));
  return Math.floor(buckets / most) + (index < buckets % most ? 1 : 0);
}

/**
 * In which order a worker reaches for buckets; what it gives back comes from the end. Workers take turns, bucket by bucket:
 * several that start together do not reach for the same ones, and slabs with numbers in a row, which lie in buckets in a row,
 * are everybody's work.
 */
export function spreadOrder({ workers, index }: Share, buckets: number): number[] {
  const turns = Math.max(1, Math.floor(workers));
  const mine = Math.max(0, index) % turns;
  return Array.from({ length: buckets }, (_, bucket) => bucket).toSorted(
    (one, other) => turnOf(one, mine, turns) - turnOf(other, mine, turns) || one - other,
  );
}

/** How many turns after one's own a bucket's is. */
function turnOf(bucket: number, mine: number, turns: number): number {
  return (bucket - mine + turns) % turns;
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
