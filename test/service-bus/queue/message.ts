/** What a sender gave. */
export interface Sent {
  readonly messageId: string;
  /** Null: without a session. */
  readonly sessionId: string | null;
  /** Null: as long as the queue says. */
  readonly timeToLiveMs: number | null;
  /** Milliseconds since 1970 before which nobody gets it; null: at once. */
  readonly notBefore: number | null;
  /** Everything as it came; the queue does not look into it. */
  readonly body: Buffer;
}

/** A message as it lies in a queue. */
export interface Kept extends Sent {
  /** Grows with every message; a scheduled one gets a new number when its time has come. */
  sequence: number;
  enqueuedAt: number;
  expiresAt: number;
  /** How often it was handed out and came back counted. */
  deliveryCount: number;
  state: 'active' | 'deferred' | 'scheduled';
  /** Laid over the sender's own properties: what a receiver changed, or why it was given up. */
  properties: Readonly<Record<string, unknown>>;
  /** The queue that gave it up; null outside a dead-letter queue. */
  readonly source: string | null;
}

/** What a receiver decided. */
export interface Verdict {
  readonly kind: 'complete' | 'abandon' | 'defer' | 'deadLetter';
  /** Laid over the message's own; of a dead letter also `DeadLetterReason` and `DeadLetterErrorDescription`. */
  readonly properties?: Readonly<Record<string, unknown>>;
}
