/** So many in a window that slides. */
export interface Ceiling {
  readonly count: number;
  readonly spanMs: number;
}

/**
 * What Microsoft allows one app (learn.microsoft.com/graph/throttling-limits). A bench that plays a large tenant in
 * small scales them together with it.
 */
export interface Ceilings {
  /** Requests to everything, each part of a batch counted; over all tenants of the app. */
  readonly app: Ceiling;
  /** Requests to one mailbox. */
  readonly mailbox: Ceiling;
  /** Bytes that POST, PATCH and PUT carry to one mailbox. */
  readonly upload: Ceiling;
  /** Requests that work on open extensions, in one tenant; inline ones count where `extensionPool` is on. */
  readonly extensions: Ceiling;
}

export const microsoftsCeilings: Ceilings = {
  app: { count: 130_000, spanMs: 10_000 },
  mailbox: { count: 10_000, spanMs: 600_000 },
  upload: { count: 150 * 1024 * 1024, spanMs: 300_000 },
  extensions: { count: 455, spanMs: 10_000 },
};
