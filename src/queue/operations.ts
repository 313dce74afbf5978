import type { Delivery, QueueDepth, TakeLimit, Verdict } from '../engine/queue-port.ts';
import type { QueueName } from './messages.ts';

/**
 * Everything a queue asks of its store, as plain data, so that it is carried out the same way in this thread and
 * in another. Times are milliseconds since 1970.
 */
interface Operations {
  /** Each row of `rows` is a JSON list of envelopes. */
  append: { readonly rows: readonly string[] };
  take: TakeLimit & { readonly now: number; readonly leaseMs: number };
  renew: { readonly key: string; readonly token: string; readonly until: number };
  setState: { readonly key: string; readonly token: string; readonly state: number };
  settle: {
    readonly key: string;
    readonly token: string;
    readonly now: number;
    readonly verdicts: ReadonlyMap<string, Verdict>;
  };
  /** Frees every key, whoever holds it. */
  freeAll: { readonly now: number };
  depth: { readonly now: number };
  /** At most `limit`. */
  peek: { readonly limit: number };
  /** Oldest first, at most `limit`. */
  deadLetters: { readonly limit: number };
  discard: { readonly letters: readonly Pick<StoredDeadLetter, 'id' | 'at'>[] };
}

export interface Outcomes {
  /** False: the file is as large as it may be, nothing was stored. */
  append: boolean;
  take: { readonly deliveries: readonly Delivery<unknown>[]; readonly nextAt: number | null };
  /** False: another holds the key, or nobody does. */
  renew: boolean;
  setState: boolean;
  /** `nextAt`: when the freed key is due again. */
  settle: { readonly held: boolean; readonly nextAt: number | null };
  freeAll: null;
  depth: QueueDepth;
  peek: readonly StoredWaiting[];
  deadLetters: readonly StoredDeadLetter[];
  /** How many were there. */
  discard: number;
}

export type OperationKind = keyof Operations;

export type OperationOf<Kind extends OperationKind> = {
  readonly kind: Kind;
  readonly queue: QueueName;
} & Operations[Kind];

export type Operation = { [Kind in OperationKind]: OperationOf<Kind> }[OperationKind];

export interface StoredWaiting {
  readonly body: string;
  readonly due: number;
  readonly held: number;
  readonly attempts: number;
}

export interface StoredDeadLetter {
  /** SQLite gives the number of the last row again when that row is gone: with `at` it names one letter. */
  readonly id: number;
  readonly key: string;
  readonly body: string;
  readonly reason: string;
  readonly at: number;
}

/** A message on its way into the store: key, merge key, due time, time of the send, body. */
export type Envelope = readonly [
  key: string,
  mergeKey: string | null,
  dueAt: number,
  sentAt: number,
  body: unknown,
];
