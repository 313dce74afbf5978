export type RefusalKind =
  | 'message-lock-lost'
  | 'session-lock-lost'
  | 'session-taken'
  | 'not-allowed'
  | 'not-found'
  | 'no-such-message'
  | 'quota-exceeded'
  | 'too-large'
  | 'busy'
  | 'timeout'
  | 'unauthorized';

/** What the bus does not do, and why. */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function messageLockLost(): Refusal {
  return new Refusal(
    'message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  );
}

export function sessionLockLost(sessionId: string): Refusal {
  return new Refusal(
    'session-lock-lost',
    `The session lock has expired on the session with id ${sessionId}. Accept a new session.`,
  );
}

export function sessionTaken(sessionId: string): Refusal {
  return new Refusal(
    'session-taken',
    `The requested session '${sessionId}' cannot be accepted. It may be locked by another receiver.`,
  );
}

export function needsSession(queue: string): Refusal {
  return new Refusal(
    'not-allowed',
    `It is not possible for an entity that requires sessions to create a non-sessionful message sender or receiver, or to take a message without a session id. Queue: '${queue}'.`,
  );
}

export function knowsNoSessions(queue: string): Refusal {
  return new Refusal(
    'not-allowed',
    `A sessionful message receiver cannot be created on an entity that does not require sessions. Queue: '${queue}'.`,
  );
}

export function tooLarge(bytes: number, limit: number): Refusal {
  return new Refusal(
    'too-large',
    `The received message (size:${bytes} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  );
}

export function quotaExceeded(queue: string, bytes: number, limit: number): Refusal {
  return new Refusal(
    'quota-exceeded',
    `The maximum entity size has been reached or exceeded for Queue: '${queue}'. Size of entity in bytes:${bytes}, Max entity size in bytes: ${limit}.`,
  );
}
