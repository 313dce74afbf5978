import type { Clock } from '../../../src/kit/clock.ts';
import type { FaultDice } from '../faults.ts';
import type { History, Membership } from './history.ts';
import type { MemberType, Version } from './objects.ts';

/** What a read sees: mostly the truth, and for a while after a write perhaps the past, or nothing. */
export class Replica {
  readonly #clock: Clock;
  readonly #dice: FaultDice;
  readonly #staleMs: number;

  constructor(options: { clock: Clock; dice: FaultDice; staleMs: number }) {
    this.#clock = options.clock;
    this.#dice = options.dice;
    this.#staleMs = options.staleMs;
  }

  /** The version that this read sees; undefined for an object that the replica does not know (yet, or any more). */
  version<T>(history: History<T>): Version<T> | undefined {
    const fresh = history.current;
    if (this.#clock.now() - fresh.at >= this.#staleMs) return fresh;
    if (fresh.presence === 'live' && this.#dice.roll('notFoundThenFound')) return undefined;
    if (!this.#dice.draws('staleRead')) return fresh;
    const seen = history.at(this.#past());
    if (seen !== fresh) this.#dice.count('staleRead');
    return seen;
  }

  members(membership: Membership): ReadonlyMap<string, MemberType> {
    if (!membership.changedSince(this.#clock.now() - this.#staleMs)) return membership.members;
    if (!this.#dice.draws('staleRead')) return membership.members;
    const past = this.#past();
    if (membership.changedSince(past)) this.#dice.count('staleRead');
    return membership.at(past);
  }

  #past(): number {
    return this.#clock.now() - 1 - this.#dice.upTo(this.#staleMs - 1);
  }
}
