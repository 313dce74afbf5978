import { Fault } from '../../model/fault.ts';

/** The codes of the client (`ServiceBusError.code`) and of the socket below it. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors.at(-1));
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : '';
}

const LOCK_LOST: ReadonlySet<string> = new Set(['SessionLockLost', 'MessageLockLost', 'MessageNotFound']);

/** The session is another's, or nobody's: whatever was received with it is delivered again. */
export function isLockLost(error: unknown): boolean {
  return LOCK_LOST.has(codeOf(error));
}

/** Another holds the session, which is how buckets are shared. */
export function isHeldElsewhere(error: unknown): boolean {
  return codeOf(error) === 'SessionCannotBeLocked';
}

/** The token was refused, or ran out because its renewal stopped. */
export function isUnauthorized(error: unknown): boolean {
  return codeOf(error) === 'UnauthorizedAccess';
}

/** What the one who runs it can do, for each code that says something about the installation. */
const ADVICE: Readonly<Record<string, string>> = {
  UnauthorizedAccess:
    'the identity is refused: it needs a role on this queue, which takes up to five minutes to apply',
  MessagingEntityNotFound: 'the queue does not exist: "contact-sync queue create" makes it',
  MessagingEntityDisabled: 'the queue is disabled for this: enable it',
  QuotaExceeded: 'the queue is full, or the namespace has too many connections',
  ServiceBusy: 'the namespace is throttled: it wants fewer messages or a larger tier',
};

/** What every failure of the bus means for who asked. Nothing is lost: what was not confirmed is done again. */
export function busFault(error: unknown, queue: string): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const details = { code, object: queue, cause: error };
  if (LOCK_LOST.has(code))
    return new Fault('lease-lost', 'the session of this bucket went to another holder', details);
  if (code === 'MessageSizeExceeded')
    return new Fault('invalid', 'a message is larger than the queue takes', details);
  return new Fault('unavailable', `Service Bus queue: ${ADVICE[code] ?? 'it cannot be reached'}`, details);
}
