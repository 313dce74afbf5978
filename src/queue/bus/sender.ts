import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import { Fault } from '../../model/fault.ts';
import type { Clock } from '../../kit/clock.ts';
import type { BusConnection } from './connection.ts';
import { busFault } from './faults.ts';
import { within } from './within.ts';

export interface BusSenderOptions {
  readonly connection: BusConnection;
  readonly queue: string;
  readonly limits: Clock;
}

/** Graph counts an answer after 3 s as a failure; the receiver has to write its 503 before that. */
const PATIENCE_MS = 1_800;

interface Waiting {
  readonly message: ServiceBusMessage;
  readonly stored: PromiseWithResolvers<void>;
  /** Its sender was told that it failed: it is not sent any more. */
  givenUp: boolean;
}

/**
 * Sends to one queue, by the right to send alone. A batch goes to one session: a bucket has one under way at a time, and
 * what comes for it meanwhile shares the next. So a single message goes at once, and a flood in large batches. What is
 * delayed goes in batches of its own, since the client writes the first message's properties on the whole batch.
 */
export class BusSender {
  readonly #options: BusSenderOptions;
  readonly #lines = new Map<string, Waiting[]>();
  #opened: { client: unknown; sender: ServiceBusSender } | null = null;

  constructor(options: BusSenderOptions) {
    this.#options = options;
  }

  /** Resolves when every message is stored; rejects with a fault, within two seconds, when not all of them are. */
  async send(messages: readonly ServiceBusMessage[]): Promise<void> {
    const { limits, queue } = this.#options;
    const all = messages.map((message) => this.#enqueue(message));
    try {
      await within({ limits, ms: PATIENCE_MS }, Promise.all(all.map(({ stored }) => stored.promise)));
    } catch (error) {
      for (const one of all) one.givenUp = true;
      throw error instanceof Fault ? error : busFault(error, queue);
    }
  }

  /** Opens the link when it is not open; asks nothing of the bus otherwise. */
  async reachable(): Promise<void> {
    const { connection, limits, queue } = this.#options;
    try {
      await within({ limits, ms: PATIENCE_MS }, this.#sender().createMessageBatch());
      connection.succeeded();
    } catch (error) {
      connection.failed(error);
      throw busFault(error, queue);
    }
  }

  #sender(): ServiceBusSender {
    const { connection, queue } = this.#options;
    const client = connection.client();
    if (this.#opened?.client !== client) this.#opened = { client, sender: client.createSender(queue) };
    return this.#opened.sender;
  }

  #enqueue(message: ServiceBusMessage): Waiting {
    const waiting = { message, stored: Promise.withResolvers<void>(), givenUp: false };
    waiting.stored.promise.catch(() => {});
    const when = message.scheduledEnqueueTimeUtc === undefined ? 'now' : 'later';
    const name = `${message.sessionId ?? ''}|${when}`;
    const line = this.#lines.get(name);
    if (line !== undefined) line.push(waiting);
    else {
      const begun = [waiting];
      this.#lines.set(name, begun);
      // What else is sent in this moment shares the first batch.
      queueMicrotask(() => void this.#work(name, begun));
    }
    return waiting;
  }

  async #work(name: string, line: Waiting[]): Promise<void> {
    const { connection, limits, queue } = this.#options;
    while (line.length > 0) {
      const taken: Waiting[] = [];
      try {
        await within({ limits, ms: PATIENCE_MS }, this.#sendBatch(line, taken));
        connection.succeeded();
        for (const { stored } of taken) stored.resolve();
      } catch (error) {
        connection.failed(error);
        const fault = busFault(error, queue);
        // Nothing is taken off the line when no link can be opened: then all of it has failed.
        for (const { stored } of taken.length > 0 ? taken : line.splice(0)) stored.reject(fault);
      }
    }
    this.#lines.delete(name);
  }

  /** Takes off the line what fits, and refuses what is too large even by itself. */
  async #sendBatch(line: Waiting[], taken: Waiting[]): Promise<void> {
    const sender = this.#sender();
    const batch = await sender.createMessageBatch();
    for (let next = line[0]; next !== undefined; next = line[0]) {
      const fits = next.givenUp || batch.tryAddMessage(next.message);
      if (!fits && batch.count > 0) break;
      line.shift();
      if (!fits) next.stored.reject(busFault({ code: 'MessageSizeExceeded' }, this.#options.queue));
      else if (!next.givenUp) taken.push(next);
    }
    if (batch.count > 0) await sender.sendMessages(batch);
  }
}
