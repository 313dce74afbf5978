export type EventLevel = 'error' | 'warn' | 'info';

/** What the catalogue says of one event. Neither id nor name ever changes its meaning; one that is given up is not used again. */
export interface EventFacts {
  /** From 100 to 999: also the oldest tool of the Windows Event Log takes it (`eventcreate`: 1 to 1000). */
  readonly id: number;
  /** `error`: a person has to act. `warn`: one may have to, if it stays or comes again. `info`: all is as it should be. */
  readonly level: EventLevel;
  /** The constant text of the log line; ids, counts and field names stand beside it. */
  readonly message: string;
  /** What happened, and what the service does about it by itself. */
  readonly meaning: string;
  /** What a person does; null: nothing. */
  readonly remedy: string | null;
}
