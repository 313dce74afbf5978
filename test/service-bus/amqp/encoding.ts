import rhea, { type Message } from 'rhea';
import type { Lock } from '../queue/locks.ts';
import type { Kept, Sent } from '../queue/message.ts';

const { message: codec, types } = rhea;

/** A batch is one transfer whose data sections are encoded messages (the SDKs' constant). */
export const BATCH_FORMAT = 0x80013700;

const SCHEDULED = 'x-opt-scheduled-enqueue-time';
const STATES: Readonly<Record<Kept['state'], number>> = { active: 0, deferred: 1, scheduled: 2 };

/** `newId`: what a message without an id is given; clients cannot settle one without. */
export function sentOf(message: Message, newId: () => string): Sent {
  return sentAs(message, codec.encode(message), newId);
}

export function sentOfBytes(body: Buffer, newId: () => string): Sent {
  return sentAs(decode(body), body, newId);
}

export function sentOfBatch(transfer: Buffer, newId: () => string): Sent[] {
  const { body } = codec.decode(transfer) as unknown as { body: { content: Buffer | Buffer[] } };
  return [body.content].flat().map((one) => sentOfBytes(one, newId));
}

/** rhea declares two types of message. */
function decode(bytes: Buffer): Message {
  return codec.decode(bytes) as unknown as Message;
}

function sentAs(message: Message, body: Buffer, newId: () => string): Sent {
  const annotations = (message['message_annotations'] ?? {}) as Record<string, unknown>;
  const id: unknown = message['message_id'];
  const scheduled = annotations[SCHEDULED];
  return {
    messageId: textOf(id) ?? newId(),
    sessionId: typeof message['group_id'] === 'string' ? message['group_id'] : null,
    timeToLiveMs: typeof message['ttl'] === 'number' ? message['ttl'] : null,
    notBefore: scheduled instanceof Date ? scheduled.getTime() : null,
    body,
  };
}

/** An id may also be a number or a UUID; the JavaScript client reads all of them. */
function textOf(id: unknown): string | null {
  if (Buffer.isBuffer(id)) return id.toString('hex');
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** As receivers get it: with what the broker knows about it. */
export function handedOut(kept: Kept, lock: Lock | null): Message {
  const message = decode(kept.body);
  message['message_id'] ??= kept.messageId;
  message['delivery_count'] = kept.deliveryCount;
  message['message_annotations'] = {
    ...(message['message_annotations'] as object),
    'x-opt-sequence-number': types.wrap_long(kept.sequence),
    'x-opt-enqueued-time': types.wrap_timestamp(kept.enqueuedAt),
    'x-opt-message-state': types.wrap_int(STATES[kept.state]),
    ...(lock ? { 'x-opt-locked-until': types.wrap_timestamp(lock.until) } : {}),
    ...(kept.source === null ? {} : { 'x-opt-deadletter-source': kept.source }),
  };
  if (Object.keys(kept.properties).length > 0)
    message['application_properties'] = {
      ...(message['application_properties'] as object),
      ...kept.properties,
    };
  return message;
}

export function handedOutBytes(kept: Kept, lock: Lock | null): Buffer {
  return codec.encode(handedOut(kept, lock));
}

/** A delivery tag is the lock token as a GUID in the byte order of .NET, which turns its first three groups round. */
export function tagOf(token: string): Buffer {
  const bytes = Buffer.from(token, 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** .NET ticks, 100 ns since the year 1, as the service puts the end of a session's lock in an attach. */
export function ticksOf(ms: number): unknown {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(ms) * 10_000n + 621_355_968_000_000_000n);
  return types.wrap_long(bytes);
}

/** A long as rhea reads it: a number, or eight bytes when it is large. */
export function numberOf(long: unknown): number {
  return Buffer.isBuffer(long) ? Number(long.readBigInt64BE()) : Number(long);
}
