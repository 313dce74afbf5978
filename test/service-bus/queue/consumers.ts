import type { Lock } from './locks.ts';
import type { Kept } from './message.ts';

/** A receiver that wants messages as soon as there are some. */
export interface Consumer {
  /** True: a message is locked until it is settled. False: it is gone when it is handed out. */
  readonly peekLock: boolean;
  /** How many messages it takes now. */
  room(): number;
  take(message: Kept, lock: Lock | null): void;
}

/** The receivers of a queue without sessions, in turns. */
export class Consumers {
  readonly #hungry = new Set<Consumer>();

  /** To be called whenever it has room again. */
  add(consumer: Consumer): void {
    if (consumer.room() > 0) this.#hungry.add(consumer);
  }

  remove(consumer: Consumer): void {
    this.#hungry.delete(consumer);
  }

  next(): Consumer | undefined {
    for (const consumer of this.#hungry) {
      this.#hungry.delete(consumer);
      if (consumer.room() > 0) {
        this.#hungry.add(consumer);
        return consumer;
      }
    }
    return undefined;
  }
}
