import type { Delivery, TakeLimit, Verdict } from '../../engine/queue-port.ts';
import type { MessageKind } from '../messages.ts';

/** A bucket as the shelf sees it. */
export interface Stand {
  /** Its lock is ours, and nobody asked to give it back. */
  readonly serves: () => boolean;
  /** The number kept with a key. */
  readonly stateOf: (key: string) => number;
}

/** What was received for a key and waits, or is in hand. `Part`: a message of the bus; several that were merged. */
export interface Item<Body, Part, Bucket> {
  readonly bucket: Bucket;
  readonly key: string;
  readonly mergeKey: string | null;
  body: Body;
  /** How often it was handed out and that counted, here and elsewhere. */
  attempts: number;
  enqueuedAt: number;
  /** Since when it is due, in milliseconds since 1970, and the order of those that are due at the same time. */
  due: number;
  order: number;
  /** Whoever had it ended without a word, several times: it is handed out by itself. */
  suspect: boolean;
  readonly parts: Part[];
}

/** A key with its holder. */
export interface Hand<Body, Part, Bucket> {
  readonly key: string;
  readonly token: string;
  readonly bucket: Bucket;
  readonly items: ReadonlyMap<string, Item<Body, Part, Bucket>>;
  leasedUntil: number;
}

export interface Taken<Body, Part, Bucket> {
  readonly delivery: Delivery<Body>;
  readonly hand: Hand<Body, Part, Bucket>;
}

interface Place<Body, Part, Bucket> {
  /** The longest due first. */
  readonly waiting: Item<Body, Part, Bucket>[];
  hand: Hand<Body, Part, Bucket> | null;
}

/**
 * What this process holds of a queue, in memory: messages grouped by key, one holder for a key. The lock of a bucket keeps
 * other processes away; the leases here keep apart those who work in this one.
 */
export class BusShelf<Body, Part, Bucket extends Stand> {
  readonly #places = new Map<string, Place<Body, Part, Bucket>>();
  readonly #kind: Pick<MessageKind<Body>, 'merge' | 'tenantOf'>;
  readonly #leaseMs: number;
  #tokens = 0;
  #ids = 0;

  constructor(options: { kind: Pick<MessageKind<Body>, 'merge' | 'tenantOf'>; leaseMs: number }) {
    this.#kind = options.kind;
    this.#leaseMs = options.leaseMs;
  }

  /** Sorts an item in, merged with the one that waits under its merge key. */
  put(item: Item<Body, Part, Bucket>): void {
    const place = this.#places.get(item.key) ?? { waiting: [], hand: null };
    this.#places.set(item.key, place);
    const twin = item.mergeKey === null ? undefined : place.waiting.find((one) => isTwin(one, item));
    if (twin === undefined) insert(place.waiting, item);
    else this.#merge(twin, item);
    if (twin !== undefined) place.waiting.sort(inOrder);
  }

  /** One set of keys, oldest due first. Keys in hand, of buckets that are not served, and of tenants to be passed over are not in it. */
  take(limit: TakeLimit, now: number): Taken<Body, Part, Bucket>[] {
    this.freeLapsed(now);
    const passedOver = new Set(limit.without);
    let suspectInHand = this.#hands().some((hand) => [...hand.items.values()].some(({ suspect }) => suspect));
    const due = [...this.#places]
      .flatMap(([key, { waiting, hand }]) => {
        const [first] = waiting;
        const isFree = hand === null && first !== undefined && first.bucket.serves();
        return isFree && !passedOver.has(this.#kind.tenantOf(key)) ? { key, first } : [];
      })
      .toSorted((left, right) => inOrder(left.first, right.first));
    const taken: Taken<Body, Part, Bucket>[] = [];
    for (const { key, first } of due) {
      if (taken.length >= limit.keys) break;
      if (first.suspect && suspectInHand) continue;
      suspectInHand ||= first.suspect;
      taken.push(this.#hand(key, { most: limit.messages, now }));
    }
    return taken;
  }

  /** The holder's hand; undefined when the key went to another, or its bucket did. */
  handOf({ key, token }: Pick<Delivery<Body>, 'key' | 'token'>): Hand<Body, Part, Bucket> | undefined {
    const hand = this.#places.get(key)?.hand;
    return hand?.token === token ? hand : undefined;
  }

  prolong(hand: Hand<Body, Part, Bucket>, now: number): void {
    hand.leasedUntil = now + this.#leaseMs;
  }

  /** Gives the key free. What stays waits again: untouched as if it had never been handed out, without a verdict counted. */
  free(hand: Hand<Body, Part, Bucket>, verdicts: ReadonlyMap<string, Verdict>): void {
    const place = this.#places.get(hand.key);
    if (place?.hand !== hand) return;
    place.hand = null;
    for (const [id, item] of hand.items) {
      const kind = verdicts.get(id)?.kind;
      if (kind === 'untouched') item.attempts -= 1;
      if (kind === undefined || kind === 'untouched') this.put(item);
    }
    this.#forget(hand.key);
  }

  /** Frees the keys whose holders have not been heard of. */
  freeLapsed(now: number): void {
    for (const hand of this.#hands()) if (hand.leasedUntil <= now) this.free(hand, new Map());
  }

  /** Everything of a bucket is gone from here; its holders find their leases lost. */
  drop(bucket: Bucket): Item<Body, Part, Bucket>[] {
    const dropped: Item<Body, Part, Bucket>[] = [];
    for (const [key, place] of this.#places) {
      if (place.hand?.bucket === bucket) {
        dropped.push(...place.hand.items.values());
        place.hand = null;
      }
      const rest = place.waiting.filter((item) => item.bucket !== bucket);
      dropped.push(...place.waiting.filter((item) => item.bucket === bucket));
      place.waiting.splice(0, place.waiting.length, ...rest);
      this.#forget(key);
    }
    return dropped;
  }

  /** Takes the youngest half of what waits in a bucket off the shelf, of keys that nobody can take now. */
  spill(bucket: Bucket, without: ReadonlySet<string>): Item<Body, Part, Bucket>[] {
    const stuck = [...this.#places]
      .filter(([key, { hand }]) => hand !== null || without.has(this.#kind.tenantOf(key)))
      .flatMap(([, { waiting }]) => waiting.filter((item) => item.bucket === bucket))
      .toSorted(inOrder);
    const spilt = new Set(stuck.slice(stuck.length >> 1));
    for (const key of new Set([...spilt].map((item) => item.key))) {
      const place = this.#places.get(key);
      const rest = place?.waiting.filter((item) => !spilt.has(item)) ?? [];
      place?.waiting.splice(0, place.waiting.length, ...rest);
    }
    return [...spilt];
  }

  /** Something in the bucket can be handed out, tenants to be passed over apart. */
  hasTakeable(bucket: Bucket, without: ReadonlySet<string>): boolean {
    return this.#places.entries().some(([key, { waiting, hand }]) => {
      return hand === null && waiting[0]?.bucket === bucket && !without.has(this.#kind.tenantOf(key));
    });
  }

  hasHands(bucket: Bucket): boolean {
    return this.#hands().some((hand) => hand.bucket === bucket);
  }

  /** Messages that wait and could be taken or wait for their holder, messages in hand, and since when the oldest is due. */
  counts(now: number): { due: number; held: number; oldestDue: number | null } {
    this.freeLapsed(now);
    let [due, held, oldest] = [0, 0, Infinity];
    for (const { waiting, hand } of this.#places.values()) {
      due += waiting.length;
      held += hand?.items.size ?? 0;
      oldest = Math.min(oldest, waiting[0]?.due ?? Infinity);
    }
    return { due, held, oldestDue: oldest === Infinity ? null : oldest };
  }

  /** When something could be handed out: at once, at the end of a lease, or, null, when something comes. */
  nextAt(now: number): number | null {
    let next = Infinity;
    for (const { waiting, hand } of this.#places.values()) {
      if (hand !== null) next = Math.min(next, hand.leasedUntil);
      else if (waiting[0]?.bucket.serves() === true) next = Math.min(next, now);
    }
    return next === Infinity ? null : next;
  }

  #hand(key: string, { most, now }: { most: number; now: number }): Taken<Body, Part, Bucket> {
    const place = this.#places.get(key);
    const [first] = place?.waiting ?? [];
    if (place === undefined || first === undefined) throw new Error('a key was taken that has nothing');
    const isSuspect = first.suspect;
    const count = isSuspect ? 1 : place.waiting.slice(0, most).findIndex(({ suspect }) => suspect);
    const items = place.waiting.splice(0, count === -1 ? most : count);
    const named = new Map(items.map((item) => [String((this.#ids += 1)), item]));
    for (const item of items) item.attempts += 1;
    const token = String((this.#tokens += 1));
    const hand = { key, token, bucket: first.bucket, items: named, leasedUntil: now + this.#leaseMs };
    place.hand = hand;
    const messages = Array.from(named, ([id, { body, attempts, enqueuedAt }]) => {
      return { id, body, attempts, enqueuedAt };
    });
    return { hand, delivery: { key, token, state: first.bucket.stateOf(key), messages } };
  }

  #merge(waiting: Item<Body, Part, Bucket>, arriving: Item<Body, Part, Bucket>): void {
    const [older, younger] = inOrder(waiting, arriving) <= 0 ? [waiting, arriving] : [arriving, waiting];
    waiting.body = this.#kind.merge(older.body, younger.body);
    waiting.attempts = Math.max(waiting.attempts, arriving.attempts);
    waiting.enqueuedAt = Math.min(waiting.enqueuedAt, arriving.enqueuedAt);
    waiting.due = older.due;
    waiting.order = older.order;
    waiting.parts.push(...arriving.parts);
  }

  #hands(): Hand<Body, Part, Bucket>[] {
    return [...this.#places.values()].flatMap(({ hand }) => hand ?? []);
  }

  #forget(key: string): void {
    const place = this.#places.get(key);
    if (place?.hand === null && place.waiting.length === 0) this.#places.delete(key);
  }
}

/** A suspect is merged with nothing: whatever shares its hand would be charged with it. */
function isTwin<Body, Part, Bucket>(one: Item<Body, Part, Bucket>, other: Item<Body, Part, Bucket>): boolean {
  return one.mergeKey === other.mergeKey && one.bucket === other.bucket && !one.suspect && !other.suspect;
}

function insert<Item extends Ordered>(items: Item[], item: Item): void {
  const at = items.findLastIndex((one) => inOrder(one, item) <= 0);
  items.splice(at + 1, 0, item);
}

interface Ordered {
  readonly due: number;
  readonly order: number;
}

function inOrder(left: Ordered, right: Ordered): number {
  return left.due - right.due || left.order - right.order;
}
