import type { Clock } from '../../src/kit/clock.ts';

export type ViolationKind =
  /** A fifth call to one mailbox while four were running. */
  | 'mailbox-concurrency'
  /** More than 20 requests in one batch. */
  | 'oversized-batch'
  /** A call to a mailbox before the Retry-After that was given for it had passed. */
  | 'before-retry-after'
  /** The client changed or removed an item, or a folder with an item, that bears no mark. */
  | 'foreign-touched'
  /** The client made a second item with a mark that another item of the mailbox bears. */
  | 'duplicate-mark'
  /** A mail contact was given an address that a user or guest of the tenant has. */
  | 'guest-touched'
  /** The client asked for an object that only a forged notification had named. */
  | 'forgery-followed'
  /** A request that departs from Microsoft's published description, in its body or in its options. */
  | 'malformed-request'
  /** The simulator's own fault: an answer that departs from the published description. */
  | 'misshapen-answer'
  /** Reauthorize and renewal of one subscription within ten minutes of each other. */
  | 'renew-beside-reauthorize';

export interface Violation {
  readonly kind: ViolationKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Ids and counts only. */
  readonly detail: string;
}

/** Watches every step: what must never happen is noted when it happens, not at the end. */
export class Oracles {
  readonly violations: Violation[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(kind: ViolationKind, detail: string): void {
    this.violations.push({ kind, at: this.#clock.now(), detail });
  }

  count(kind: ViolationKind): number {
    return this.violations.filter((violation) => violation.kind === kind).length;
  }
}
