/** What services asked of us lately: for whoever looks, and for the process that comes next. */
export interface ThrottleBook {
  /** Adds events, oldest first, and forgets all but the newest `most` of the tenant. */
  keep(tenant: string, events: readonly ThrottleRecord[], most: number): Promise<void>;
  /** Newest first. */
  recent(tenant: string): Promise<ThrottleRecord[]>;
}

/** A service asked to wait. */
export interface ThrottleRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly scope: 'mailbox' | 'source' | 'tenant';
  /** The limit that was used up, as far as it was named. */
  readonly pool: string;
  readonly status: number;
  /** Milliseconds to wait, as asked; null when no time was named. */
  readonly waitMs: number | null;
}
