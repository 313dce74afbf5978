import { randomUUID } from 'node:crypto';
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { expect } from 'vitest';

/** Something that speaks Service Bus and has the queues of queues.json. */
export interface Broker {
  readonly client: ServiceBusClient;
  /** Lock duration of its queues. */
  readonly lockMs: number;
  /** After so long without a message there is none. */
  readonly quietMs: number;
}

/** One failure is one error: without retries, and soon. */
export const IMPATIENT = { retryOptions: { maxRetries: 0, timeoutInMs: 4_000 } };

/** Long enough for a lock to run out, with either. */
const WAIT_MS = 7_000;

export function unique(what: string): string {
  return `${what}-${randomUUID()}`;
}

/** One message that must be there. The receiver does not prolong its lock by itself. */
export async function one(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: WAIT_MS });
  if (message === undefined) throw new Error('There is no message.');
  return message;
}

/** One message that must be there, and is completed at once. */
export async function taken(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const message = await one(receiver);
  await receiver.completeMessage(message);
  return message;
}

/** All of so many messages, whatever pieces they come in. */
export async function several(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const found: ServiceBusReceivedMessage[] = [];
  while (found.length < count) {
    const more = await receiver.receiveMessages(count - found.length, { maxWaitTimeInMs: WAIT_MS });
    if (more.length === 0) throw new Error(`There are only ${found.length} of ${count} messages.`);
    found.push(...more);
  }
  return found;
}

/** There must be none. */
export async function none(receiver: ServiceBusReceiver, quietMs: number): Promise<void> {
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: quietMs })).toEqual([]);
}

/** Takes away what others left. */
export async function empty({ client, quietMs }: Broker, queue: string, dead = false): Promise<void> {
  const receiver = client.createReceiver(queue, {
    receiveMode: 'receiveAndDelete',
    ...(dead ? { subQueueType: 'deadLetter' } : {}),
  });
  while ((await receiver.receiveMessages(500, { maxWaitTimeInMs: quietMs })).length > 0);
  await receiver.close();
}

/** The code that a refusal has for the SDK. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return 'nothing was refused';
}

export async function until(reached: () => boolean): Promise<void> {
  await expect.poll(reached, { timeout: 10_000, interval: 10 }).toBe(true);
}
