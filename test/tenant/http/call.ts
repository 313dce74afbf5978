import type { Mailbox } from '../mailbox/mailbox.ts';

/** One request as the state machine sees it, alone or as part of a batch. */
export interface Call {
  readonly method: string;
  /** Decoded path segments after the version. */
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, the bytes of a picture, or undefined when there was none. */
  readonly body: unknown;
  /** Scheme, host and port that were asked: links point back to it. */
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** To be sent as JSON; undefined for none. */
  readonly body?: unknown;
  /** To be sent as it is: a picture. In a batch it becomes a base64 string. */
  readonly bytes?: Uint8Array;
  /** The wait that this answer asks for, and for which mailbox: the oracles hold the client to it. */
  readonly wait?: { readonly mailbox: Mailbox; readonly header: string };
}

/** A refusal with Microsoft's status and code; becomes an OData error. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  headers: Readonly<Record<string, string>> = {};

  constructor(status: number, code: string, message: string = code) {
    super(message);
    this.status = status;
    this.code = code;
  }

  with(headers: Readonly<Record<string, string>>): this {
    this.headers = headers;
    return this;
  }
}

/** What a client must never send: it departs from what Microsoft publishes. */
export class Malformed extends Refusal {}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export const noContent: Answer = { status: 204 };

/** The error body of Graph: clients must go by `code`. `date` has no zone. */
export function errorAnswer(refusal: Refusal, requestId: string, now: number): Answer {
  return {
    status: refusal.status,
    headers: refusal.headers,
    body: {
      error: {
        code: refusal.code,
        message: refusal.message,
        innerError: {
          date: new Date(now).toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': requestId,
        },
      },
    },
  };
}
