import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { letterName } from './dead-letters.ts';
import { busFault } from './faults.ts';
import type { PeekOptions } from './peek.ts';
import { within } from './within.ts';

/** Takes these out of the dead letters for good; returns how many of them were there. Throws `busFault`s. */
export type Discard = (names: ReadonlySet<string>) => Promise<number>;

const PAGE = 250;
/** When nothing comes for so long, there is no more. */
const QUIET_MS = 2_000;
const ANSWER_MS = 10_000;

/**
 * The bus hands out dead letters one after the other, and takes none by its number: those that lie before it are locked
 * for the moment, and given back uncompleted. They stay, however often that happens: nothing is given up twice, and
 * nothing expires there (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues).
 */
export function createDiscard({ connection, queue, limits }: PeekOptions): Discard {
  const answered = <T>(work: Promise<T>): Promise<T> => within({ limits, ms: ANSWER_MS }, work);

  async function walk(receiver: ServiceBusReceiver, names: ReadonlySet<string>): Promise<number> {
    const missing = new Set(names);
    const others = new Map<string, ServiceBusReceivedMessage>();
    try {
      while (missing.size > 0) {
        const page = await answered(receiver.receiveMessages(PAGE, { maxWaitTimeInMs: QUIET_MS }));
        // What comes again is what was locked first: everything has been here.
        if (page.every((message) => others.has(letterName(message)))) break;
        for (const message of page) {
          const name = letterName(message);
          if (!missing.has(name)) others.set(name, message);
          else {
            await answered(receiver.completeMessage(message));
            missing.delete(name);
          }
        }
      }
    } finally {
      // One that is not given back is free when its lock has run out.
      await Promise.allSettled(
        [...others.values()].map((message) => answered(receiver.abandonMessage(message))),
      );
    }
    return names.size - missing.size;
  }

  return async (names) => {
    if (names.size === 0) return 0;
    const receiver = connection
      .client()
      .createReceiver(queue, { subQueueType: 'deadLetter', maxAutoLockRenewalDurationInMs: 0 });
    try {
      const discarded = await walk(receiver, names);
      connection.succeeded();
      return discarded;
    } catch (error) {
      connection.failed(error);
      throw busFault(error, queue);
    } finally {
      await answered(receiver.close()).catch(() => {});
    }
  };
}
