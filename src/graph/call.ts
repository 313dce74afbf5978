/** One call, to be sent in a batch. */
export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative, below the version, encoded: `/users/{id}/contactFolders`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Object id of the mailbox that it touches: it counts against that mailbox's limits. */
  readonly mailbox?: string;
  /** It works on an open extension, which may count against a pool of the tenant. */
  readonly extensions?: true;
  /** A page of a delta query: only there can a token be worn out. */
  readonly delta?: boolean;
  /** `live` unless given. */
  readonly priority?: Priority;
  /** Asked when its batch is about to leave; false: it is not sent, and rejected with `paused`. */
  readonly mayLeave?: () => boolean;
}

/** Live changes go before fills. */
export type Priority = 'live' | 'bulk';

/**
 * Fills a URL: values are encoded, so that an opaque id or a quote in it stays one path segment or one value.
 * Exchange's ids are case-sensitive and may contain `=`, `+` and `/`.
 */
export function at(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((url, part, index) => url + encodeURIComponent(values[index - 1] ?? '') + part);
}

/** A text as an OData literal: quotes are doubled. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
