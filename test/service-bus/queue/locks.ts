import type { Alarm, Alarms } from './alarms.ts';
import type { Kept } from './message.ts';
import { messageLockLost } from './refusal.ts';
import type { Hold } from './sessions.ts';

/** A message that was handed out and is not settled. */
export interface Lock {
  /** 32 hexadecimal digits. */
  readonly token: string;
  readonly message: Kept;
  /** Null outside sessions, where the message itself is locked for a time. */
  readonly hold: Hold | null;
  until: number;
  alarm: Alarm | null;
}

export interface LocksParts {
  readonly alarms: Alarms;
  readonly lockMs: number;
  readonly token: () => string;
  readonly onExpired: (lock: Lock) => void;
}

/** What is handed out, by token. In a session the session's lock counts; elsewhere every message has its own. */
export class Locks {
  readonly #parts: LocksParts;
  readonly #all = new Map<string, Lock>();
  readonly #locked = new Set<Kept>();

  constructor(parts: LocksParts) {
    this.#parts = parts;
  }

  /** Throws `message-lock-lost` when the token is not good, or not any more. */
  get(token: string): Lock {
    const lock = this.#all.get(token);
    if (lock === undefined) throw messageLockLost();
    return lock;
  }

  holds(lock: Lock): boolean {
    return this.#all.get(lock.token) === lock;
  }

  isLocked(message: Kept): boolean {
    return this.#locked.has(message);
  }

  lock(message: Kept, hold: Hold | null): Lock {
    const lock: Lock = { token: this.#parts.token(), message, hold, until: hold?.until ?? 0, alarm: null };
    this.#all.set(lock.token, lock);
    this.#locked.add(message);
    if (hold === null) this.renew(lock);
    else hold.locks.add(lock);
    return lock;
  }

  renew(lock: Lock): number {
    const { alarms, lockMs, onExpired } = this.#parts;
    alarms.cancel(lock.alarm);
    lock.until = alarms.now() + lockMs;
    lock.alarm = alarms.set(lock.until, () => onExpired(lock));
    return lock.until;
  }

  free(lock: Lock): void {
    this.#parts.alarms.cancel(lock.alarm);
    lock.alarm = null;
    lock.hold?.locks.delete(lock);
    this.#all.delete(lock.token);
    this.#locked.delete(lock.message);
  }
}
