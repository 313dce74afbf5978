/** All that a receiver needs of a queue, and may do with it: the right to send. */
export interface Outlet<Body> {
  /**
   * Resolves when every message is stored durably; rejects with an `unavailable` fault when not all of them are: send
   * them again then, twice does no harm. A waiting (not held) message with the same `mergeKey` is merged, at the latest
   * when both are handed out: the bodies are merged. One that is being handled is never merged into. A driver that
   * stores what is delayed within reach merges that, too: the earlier due time wins.
   */
  send(messages: readonly Outgoing<Body>[]): Promise<void>;
  /** Resolves when something could be stored now, as far as can be told without storing; else rejects with an `unavailable` fault. */
  reachable(): Promise<void>;
}

/**
 * Contract of both queues: at least once, one holder per key at a time, drain by key, delay, attempts, dead
 * letters with a reason. Order is not promised: a delay breaks it.
 */
export interface Queue<Body> extends Outlet<Body> {
  /** Up to `limit.keys` keys that have due messages and no holder, oldest due first, each drained up to `limit.messages`. */
  take(limit: TakeLimit): Promise<Delivery<Body>[]>;
  /** Prolongs the holder's lease; throws `lease-lost` when another holds the key. */
  renew(delivery: Delivery<Body>): Promise<void>;
  /** Stores a number with the key, as durably as its messages, for every later holder; throws `lease-lost` as `renew` does. */
  setState(delivery: Delivery<Body>, state: number): Promise<void>;
  /**
   * Carries out one verdict per message and gives the key free, in one durable commit. Throws `lease-lost`, and
   * changes nothing, when the lease went to another holder. A message without a verdict stays and is due at once.
   */
  settle(delivery: Delivery<Body>, verdicts: ReadonlyMap<string, Verdict>): Promise<void>;
  /** Resolves when something may be due (a send, a due time, a freed or expired lease); rejects when aborted. */
  ready(signal: AbortSignal): Promise<void>;
  /** How many due messages this process could take now. Costs nothing worth counting. */
  waiting(): Promise<number>;
  /** The whole queue, whoever works on it. */
  depth(): Promise<QueueDepth>;
  /** Up to so many messages that wait or are in somebody's hands, for a person who asks; a look takes nothing away. */
  peek(most: number): Promise<Peeked<Body>>;
  /** What nobody takes any more, the oldest first; a look takes nothing away. */
  deadLetters(): Promise<DeadLetter<Body>[]>;
  /** Forgets these dead letters and nothing else, durably; returns how many of them were still there. */
  discard(ids: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export interface TakeLimit {
  readonly keys: number;
  readonly messages: number;
  /** Keys of these tenants are passed over, however long they are due. */
  readonly without?: readonly string[];
}

export interface Outgoing<Body> {
  readonly key: string;
  readonly mergeKey?: string;
  readonly body: Body;
  /** Not before this many milliseconds from now; 0 unless given. */
  readonly delayMs?: number;
}

/** What one holder got: a key, a fencing token, and the messages drained for it. */
export interface Delivery<Body> {
  readonly key: string;
  readonly token: string;
  /** The number last stored with the key (Service Bus: session state); 0 when there is none. It outlives the messages. */
  readonly state: number;
  readonly messages: readonly Received<Body>[];
}

export interface Received<Body> {
  readonly id: string;
  readonly body: Body;
  /** How often it was handed out and not settled as done, this time included: 1 at first. `later` without `countAttempt` does not count. */
  readonly attempts: number;
  /** When it was first stored, in milliseconds since 1970. */
  readonly enqueuedAt: number;
}

export type Verdict =
  | { readonly kind: 'done' }
  /** There was no time for it: it waits as it did, keeps its place, and this time is not counted. */
  | { readonly kind: 'untouched' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly countAttempt: boolean }
  | { readonly kind: 'dead'; readonly reason: string };

export interface QueueDepth {
  readonly due: number;
  readonly delayed: number;
  readonly held: number;
  readonly dead: number;
  /** Age of the oldest due message in milliseconds; 0 when none is due. */
  readonly oldestDueMs: number;
}

export interface Peeked<Body> {
  /** How many messages were looked at, those among them that this version cannot read; as many as were asked for: there may be more. */
  readonly lookedAt: number;
  readonly waiting: readonly Waiting<Body>[];
}

/** A message that is not done yet. */
export interface Waiting<Body> {
  readonly body: Body;
  /** Not before (milliseconds since 1970). */
  readonly due: number;
  /** Whether somebody has it in hand; null where the queue does not tell. */
  readonly held: boolean | null;
  /** How often it was handed out before and not settled as done, as far as the queue tells. */
  readonly attempts: number;
}

export interface DeadLetter<Body> {
  /** Its name among the dead letters of its queue: another one never bears it. */
  readonly id: string;
  /** Null where it has none. */
  readonly key: string | null;
  /** Null: this version of the program cannot read it. */
  readonly body: Body | null;
  readonly reason: string;
  /** When it was given up, in milliseconds since 1970. */
  readonly at: number;
}
