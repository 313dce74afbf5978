import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Waiting } from '../../engine/queue-port.ts';
import type { MessageKind } from '../messages.ts';
import { sessionOf } from './buckets.ts';

/** A message on its way: everything beside the body travels in application properties, where a person can read it. */
export interface Envelope<Body> {
  readonly key: string;
  readonly mergeKey: string | null;
  readonly body: Body;
  /** Counted so far, in earlier copies of the message. */
  readonly attempts: number;
  /** When it was first stored, in milliseconds since 1970, by the clock of who did. */
  readonly enqueuedAt: number;
}

/** What the bus handed over, as far as it can be read. */
export type Opened<Body> =
  | { readonly kind: 'read'; readonly envelope: Envelope<Body> }
  /** Written by a version that knows more: it is left to a worker of that version. */
  | { readonly kind: 'newer'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Of the properties; the body has its own `v`. */
const VERSION = 1;

export function closeEnvelope<Body>(
  envelope: Envelope<Body>,
  { bucket, id, at }: { readonly bucket: number; readonly id: string; readonly at: number | null },
): ServiceBusMessage {
  return {
    // Unique: with the object's id and duplicate detection, a change that follows another within the window is dropped.
    messageId: id,
    sessionId: sessionOf(bucket),
    contentType: 'application/json',
    body: envelope.body,
    ...(at === null ? {} : { scheduledEnqueueTimeUtc: new Date(at) }),
    applicationProperties: {
      v: VERSION,
      key: envelope.key,
      ...(envelope.mergeKey === null ? {} : { mergeKey: envelope.mergeKey }),
      attempts: envelope.attempts,
      enqueuedAt: envelope.enqueuedAt,
    },
  };
}

/** Never throws; a reason quotes nothing of the message. */
export function openEnvelope<Body>(
  kind: MessageKind<Body>,
  { body, applicationProperties = {} }: Pick<ServiceBusReceivedMessage, 'body' | 'applicationProperties'>,
): Opened<Body> {
  const { v, key, mergeKey, attempts, enqueuedAt } = applicationProperties;
  if (typeof v === 'number' && v > VERSION) return { kind: 'newer', reason: 'unknown version' };
  if (v !== VERSION) return unreadable('properties');
  if (typeof key !== 'string' || key === '') return unreadable('key');
  const read = kind.read(body);
  if (!read.ok) {
    const isNewer = read.reason === 'unknown version' && hasVersion(body);
    return { kind: isNewer ? 'newer' : 'unreadable', reason: read.reason };
  }
  return {
    kind: 'read',
    envelope: {
      key,
      mergeKey: typeof mergeKey === 'string' ? mergeKey : null,
      body: read.body,
      attempts: isCount(attempts) ? attempts : 0,
      enqueuedAt: isCount(enqueuedAt) ? enqueuedAt : 0,
    },
  };
}

/** As somebody sees it who only looks; nothing where nobody here can read it. The bus does not tell who has it in hand. */
export function waitingIn<Body>(
  kind: MessageKind<Body>,
  message: ServiceBusReceivedMessage,
): Waiting<Body>[] {
  const opened = openEnvelope(kind, message);
  if (opened.kind !== 'read') return [];
  const { body, attempts } = opened.envelope;
  const due = message.scheduledEnqueueTimeUtc ?? message.enqueuedTimeUtc;
  return [{ body, attempts, held: null, due: due?.getTime() ?? 0 }];
}

/** The same message again, at another time, without a look at what is in it. */
export function forward(
  message: ServiceBusReceivedMessage,
  { id, at }: { readonly id: string; readonly at: number },
): ServiceBusMessage {
  const { body, applicationProperties, sessionId, contentType } = message as {
    readonly body: unknown;
  } & typeof message;
  return {
    messageId: id,
    body,
    scheduledEnqueueTimeUtc: new Date(at),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(applicationProperties === undefined ? {} : { applicationProperties }),
  };
}

function unreadable(what: string): { kind: 'unreadable'; reason: string } {
  return { kind: 'unreadable', reason: `malformed: ${what}` };
}

function hasVersion(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'v' in body && typeof body.v === 'number';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
