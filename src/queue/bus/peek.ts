import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import Long from 'long';
import type { Clock } from '../../kit/clock.ts';
import type { BusConnection } from './connection.ts';
import { busFault } from './faults.ts';
import { within } from './within.ts';

export interface PeekOptions {
  readonly connection: BusConnection;
  readonly queue: string;
  readonly limits: Clock;
}

/** Up to so many messages, or dead letters, in the order of their arrival: of all sessions, locked by nobody. */
export type Peek = (from: 'queue' | 'deadLetter', most: number) => Promise<ServiceBusReceivedMessage[]>;

const PAGE = 250;
const ANSWER_MS = 10_000;

export function createPeek({ connection, queue, limits }: PeekOptions): Peek {
  const receivers = new Map<string, { client: unknown; receiver: ServiceBusReceiver }>();

  function receiver(from: Parameters<Peek>[0]): ServiceBusReceiver {
    const client = connection.client();
    const known = receivers.get(from);
    if (known?.client === client) return known.receiver;
    const opened = client.createReceiver(queue, {
      maxAutoLockRenewalDurationInMs: 0,
      ...(from === 'queue' ? {} : { subQueueType: from }),
    });
    receivers.set(from, { client, receiver: opened });
    return opened;
  }

  return async (from, most) => {
    const found: ServiceBusReceivedMessage[] = [];
    try {
      for (let next = Long.ZERO; found.length < most;) {
        const page = await within(
          { limits, ms: ANSWER_MS },
          // Without a number the client goes on from where it looked last.
          receiver(from).peekMessages(Math.min(PAGE, most - found.length), { fromSequenceNumber: next }),
        );
        const end = page.at(-1)?.sequenceNumber;
        if (end === undefined) break;
        found.push(...page);
        next = end.add(1);
      }
      connection.succeeded();
      return found;
    } catch (error) {
      connection.failed(error);
      throw busFault(error, queue);
    }
  };
}
