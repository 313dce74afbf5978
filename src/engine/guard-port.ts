/** What the engine remembers of removals: a noun of the ledger (ledger-port.ts). The same rules hold. */
export interface GuardBook {
  /**
   * Asks for removals in this order; each is admitted while the removals of the job and kind in the 24 hours before
   * `now`, this one included, stay within max(count, percent of `scope`), or when it was approved; the others are held
   * durably. A subject admitted or held already is not counted twice. Returns the admitted subjects.
   */
  admit(request: GuardRequest): Promise<ReadonlySet<string>>;
  /**
   * Subjects whose removal is wanted wait until `until` (milliseconds since 1970) before `admit` is asked for them; one that waits
   * already keeps its time. Returns those whose wait is over, or that `admit` has seen before. `release` ends a wait.
   */
  rest(request: RestRequest): Promise<ReadonlySet<string>>;
  /** Whoever has waited long enough by now is looked at again: a `command` change each in the outbox. Returns how many. */
  ripen(now: number): Promise<number>;
  /** People of the job who wait. */
  resting(job: string): Promise<number>;
  /** From now on every removal of the job is held, however few, until `approve`; or until nothing is held of it any more. */
  suspect(suspicion: Suspicion): Promise<void>;
  suspicions(): Promise<Suspicion[]>;
  /** A subject that is wanted again is no longer held. */
  release(job: string, kind: GuardKind, subjects: readonly string[]): Promise<void>;
  held(job?: string): Promise<HeldRecord[]>;
  /** Suspicions are over, and what missing groups keep back may come forth (`letGo`); held removals become approved, with a `command` change each in the outbox for people (kind `user`) and mailbox owners. Returns how many. */
  approve(job: string | null, now: number): Promise<number>;
  /** Old removals, and old suspicions that hold nothing. */
  forgetBefore(at: number): Promise<void>;
}

/** The source of a job shrank suddenly, or could not be read whole. */
export interface Suspicion {
  readonly job: string;
  readonly reason: SuspicionReason;
  /** So many of `scope` would leave. */
  readonly lost: number;
  readonly scope: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type SuspicionReason = 'group gone' | 'groups shrank' | 'people missing';

export type GuardKind = 'person' | 'mailbox';

export interface GuardRequest {
  readonly job: string;
  readonly kind: GuardKind;
  readonly tenant: string;
  readonly subjects: readonly string[];
  readonly limits: { readonly count: number; readonly percent: number };
  /** People shown, or mailboxes that receive, before these removals; removals of the last 24 hours are added inside. */
  readonly scope: number;
  readonly now: number;
}

export interface RestRequest extends Pick<GuardRequest, 'job' | 'kind' | 'tenant' | 'subjects'> {
  readonly until: number;
}

export interface HeldRecord {
  readonly job: string;
  readonly kind: GuardKind;
  readonly subject: string;
  readonly since: number;
}
