import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { DeadLetter } from '../../engine/queue-port.ts';
import type { MessageKind } from '../messages.ts';
import { openEnvelope } from './envelope.ts';

/** The service takes 4,096 characters; a reason of ours is a sentence. */
const REASON_LENGTH = 1_000;
/** The bus does not keep when a message was buried. */
const BURIED_AT = 'buriedAt';

/** What goes with a message into the dead-letter queue. `at`: milliseconds since 1970. */
export function burial(
  reason: string,
  at: number,
): { deadLetterReason: string; deadLetterErrorDescription: string; [BURIED_AT]: number } {
  return {
    deadLetterReason: reason.slice(0, REASON_LENGTH),
    deadLetterErrorDescription: 'given up by contact-sync',
    [BURIED_AT]: at,
  };
}

/** Its name: the number that the bus gave it, which no other message of the queue gets. */
export function letterName({ sequenceNumber }: Pick<ServiceBusReceivedMessage, 'sequenceNumber'>): string {
  return String(sequenceNumber);
}

/** Without a body where nobody here can read it: it stays where it is for whoever can. */
export function letterIn<Body>(
  kind: MessageKind<Body>,
  message: ServiceBusReceivedMessage,
): DeadLetter<Body> {
  const opened = openEnvelope(kind, message);
  const { [BURIED_AT]: at, key } = message.applicationProperties ?? {};
  return {
    id: letterName(message),
    key: typeof key === 'string' && key !== '' ? key : null,
    body: opened.kind === 'read' ? opened.envelope.body : null,
    // What the bus itself buries, it names in words of its own: TTLExpiredException, MaxDeliveryCountExceeded.
    reason: message.deadLetterReason ?? 'unknown',
    at: typeof at === 'number' ? at : (message.enqueuedTimeUtc?.getTime() ?? 0),
  };
}
