import { Consumers, type Consumer } from './consumers.ts';
import { Line } from './line.ts';
import type { Lock } from './locks.ts';
import type { Kept } from './message.ts';
import type { Hold, Sessions } from './sessions.ts';

export interface HandingOutParts {
  /** Null: the queue knows no sessions, and all its messages stand in one line. */
  readonly sessions: Sessions | null;
  readonly lock: (message: Kept, hold: Hold | null) => Lock;
  readonly drop: (message: Kept) => void;
}

/** Brings messages that wait and receivers that have room together, in the order of the numbers. */
export class HandingOut {
  readonly #parts: HandingOutParts;
  readonly #line = new Line();
  readonly #consumers = new Consumers();

  constructor(parts: HandingOutParts) {
    this.#parts = parts;
  }

  /** It waits in its line, and is handed out when somebody has room. */
  wait(message: Kept): void {
    const session = this.#sessionOf(message);
    if (session === undefined) {
      this.#line.add(message);
      return this.#serveLine();
    }
    session.line.add(message);
    if (session.hold === null) this.#parts.sessions?.consider(session);
    else this.#serveHold(session.hold);
  }

  /** It waits no more, if it did. */
  leave(message: Kept): void {
    const session = this.#sessionOf(message);
    if (session === undefined) return this.#line.remove(message);
    session.line.remove(message);
    this.#parts.sessions?.consider(session);
  }

  serve(consumer: Consumer): void {
    this.#consumers.add(consumer);
    this.#serveLine();
  }

  dismiss(consumer: Consumer): void {
    this.#consumers.remove(consumer);
  }

  serveSession(hold: Hold, consumer: Consumer): void {
    hold.consumer = consumer;
    this.#serveHold(hold);
  }

  #sessionOf(message: Kept): Hold['session'] | undefined {
    return message.sessionId === null ? undefined : this.#parts.sessions?.get(message.sessionId);
  }

  #serveLine(): void {
    while (this.#line.length > 0) {
      const consumer = this.#consumers.next();
      if (consumer === undefined) return;
      this.#handOut(this.#line, consumer, null);
    }
  }

  #serveHold(hold: Hold): void {
    const { consumer, session } = hold;
    if (consumer === null) return;
    while (session.line.length > 0 && consumer.room() > 0) this.#handOut(session.line, consumer, hold);
  }

  #handOut(line: Line, consumer: Consumer, hold: Hold | null): void {
    const message = line.take();
    if (message === undefined) return;
    if (consumer.peekLock) return consumer.take(message, this.#parts.lock(message, hold));
    this.#parts.drop(message);
    consumer.take(message, null);
  }
}
