import type { Alarm, Alarms } from './alarms.ts';
import type { Consumer } from './consumers.ts';
import { Line } from './line.ts';
import type { Lock } from './locks.ts';
import { sessionLockLost, sessionTaken } from './refusal.ts';

export interface Session {
  readonly id: string;
  readonly line: Line;
  state: Buffer | null;
  hold: Hold | null;
}

/** A receiver's exclusive right to one session, for a time that it can prolong. */
export interface Hold {
  readonly session: Session;
  /** The name of the link that has it. */
  readonly holder: string;
  /** Told once, when the hold was taken away. */
  readonly onLost: () => void;
  /** What was handed out under it and is not settled. */
  readonly locks: Set<Lock>;
  consumer: Consumer | null;
  until: number;
  alarm: Alarm | null;
}

/** Somebody who waits for whichever session is next. */
export interface SessionWaiter {
  readonly holder: string;
  readonly onLost: () => void;
  /** Called once: with a hold, or with null when the time is over. */
  readonly answer: (hold: Hold | null) => void;
}

export interface SessionsParts {
  readonly alarms: Alarms;
  readonly lockMs: number;
  readonly onExpired: (hold: Hold) => void;
}

/** Who holds which session; and which is next: of those with messages and without a holder, the one that has been so the longest. */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #all = new Map<string, Session>();
  readonly #ready = new Set<Session>();
  readonly #waiters = new Set<SessionWaiter>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  /** Makes it when there is none; `consider` forgets it again when it is of no use. */
  get(id: string): Session {
    let session = this.#all.get(id);
    if (session === undefined) {
      session = { id, line: new Line(), state: null, hold: null };
      this.#all.set(id, session);
    }
    return session;
  }

  /** Every session that somebody holds. */
  holds(): Hold[] {
    return [...this.#all.values()].flatMap(({ hold }) => hold ?? []);
  }

  /** Takes a named session. Throws `session-taken` when another holds it. */
  accept(id: string, holder: string, onLost: () => void): Hold {
    const session = this.get(id);
    if (session.hold !== null) throw sessionTaken(id);
    return this.#grant(session, { holder, onLost });
  }

  /** Answers at once, or when a session becomes free, or after `timeoutMs` with null. Returns how to stop waiting. */
  next(waiter: SessionWaiter, timeoutMs: number): () => void {
    const { alarms } = this.#parts;
    const [ready] = this.#ready;
    if (ready !== undefined) {
      waiter.answer(this.#grant(ready, waiter));
      return () => undefined;
    }
    const alarm = alarms.set(alarms.now() + timeoutMs, () => {
      this.#waiters.delete(waiting);
      waiter.answer(null);
    });
    const waiting: SessionWaiter = {
      ...waiter,
      answer: (hold) => {
        alarms.cancel(alarm);
        waiter.answer(hold);
      },
    };
    this.#waiters.add(waiting);
    return () => {
      this.#waiters.delete(waiting);
      alarms.cancel(alarm);
    };
  }

  /** To be called whenever a session got or lost a message, a state or its holder. */
  consider(session: Session): void {
    this.#ready.delete(session);
    if (session.hold !== null) return;
    if (session.line.length === 0) {
      if (session.state === null) this.#all.delete(session.id);
      return;
    }
    const [waiter] = this.#waiters;
    if (waiter === undefined) {
      this.#ready.add(session);
      return;
    }
    this.#waiters.delete(waiter);
    waiter.answer(this.#grant(session, waiter));
  }

  /** The hold that a link has; null: whoever has it. Throws `session-lock-lost` when there is none. */
  holdOf(id: string, holder: string | null): Hold {
    const hold = this.#all.get(id)?.hold ?? null;
    if (hold === null || (holder !== null && hold.holder !== holder)) throw sessionLockLost(id);
    return hold;
  }

  renew(hold: Hold): number {
    const { alarms, lockMs, onExpired } = this.#parts;
    alarms.cancel(hold.alarm);
    hold.until = alarms.now() + lockMs;
    hold.alarm = alarms.set(hold.until, () => onExpired(hold));
    return hold.until;
  }

  /** The session has no holder afterwards; what becomes of its messages is the queue's affair. */
  free(hold: Hold): void {
    this.#parts.alarms.cancel(hold.alarm);
    hold.alarm = null;
    hold.consumer = null;
    hold.session.hold = null;
  }

  #grant(session: Session, { holder, onLost }: Pick<SessionWaiter, 'holder' | 'onLost'>): Hold {
    const hold: Hold = {
      session,
      holder,
      onLost,
      locks: new Set(),
      consumer: null,
      until: 0,
      alarm: null,
    };
    session.hold = hold;
    this.#ready.delete(session);
    this.renew(hold);
    return hold;
  }
}
