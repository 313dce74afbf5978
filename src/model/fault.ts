/**
 * Everything that can go wrong with the other side, in one vocabulary. Drivers translate what their service
 * answers into a `Fault`; `engine/settle.ts` alone decides what each kind means for the work at hand.
 */
export type FaultKind =
  /** Refused for now and surely not applied (429, or 503 with a Retry-After): `retryAt` says when. */
  | 'throttled'
  /** The service is away and the request was surely not applied (refused connection, 503). */
  | 'unavailable'
  /** No answer, or one that does not say whether the request was applied (reset, timeout, 500, 502, 504, missing part). */
  | 'unknown-outcome'
  /** No valid token (401). */
  | 'unauthorized'
  /** The app may not do this (403). */
  | 'forbidden'
  /** The directory object, item or folder is not there (404). */
  | 'not-found'
  /** The mailbox cannot be used: none, on premises, not ready yet, outside the app's scope. */
  | 'mailbox-unavailable'
  /** Somebody else wrote at the same moment (409, 412): read again, then write again. */
  | 'conflict'
  /** The service refuses this very request for good (400, 413, 422). */
  | 'invalid'
  /** The delta token is no longer good: start over with a full round. */
  | 'resync'
  /** A quota is used up (403 with a limit, 507). */
  | 'quota'
  /** An administrator stopped this work before it was sent. */
  | 'paused'
  /** A lease was lost to another worker: nothing of the late commit was kept. */
  | 'lease-lost';

export interface FaultDetails {
  /** The service's own error code, e.g. `ErrorItemNotFound`; never its message, which may quote personal data. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  /** Milliseconds since 1970: do not ask again before. */
  readonly retryAt?: number | undefined;
  /** Id of the object concerned. */
  readonly object?: string | undefined;
  /** A write of several requests: part of it was applied before this one failed. */
  readonly isPartial?: boolean;
  readonly cause?: unknown;
}

export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly retryAt: number | undefined;
  readonly object: string | undefined;
  readonly isPartial: boolean;

  constructor(kind: FaultKind, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = details.code;
    this.status = details.status;
    this.retryAt = details.retryAt;
    this.object = details.object;
    this.isPartial = details.isPartial ?? false;
  }

  /** The same failure, of a write of which part was applied before it. */
  asPartial(): Fault {
    const { kind, message, code, status, retryAt, object } = this;
    return new Fault(kind, message, { code, status, retryAt, object, isPartial: true, cause: this });
  }
}
