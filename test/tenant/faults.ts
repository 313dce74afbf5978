import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';

export const faultKinds = [
  'notificationLost',
  'notificationDuplicated',
  'notificationDelayed',
  'notificationReordered',
  'notificationForged',
  'subscriptionVanished',
  'staleRead',
  'notFoundThenFound',
  'throttleInside',
  'throttleOutside',
  'unavailable503',
  'gatewayTimeoutApplied',
  'gatewayTimeoutNotApplied',
  'resetAfterApply',
  'lateApply',
  'missingSubResponse',
  'truncatedJson',
  'htmlBody200',
  'tokenExpired',
  'claimsChallenge',
  'conflict412',
  'deltaExpired410',
  'deltaReplay',
  'deltaDuplicate',
  'deltaEmptyPage',
] as const;

/** What happens to subscriptions to contacts alone (learn.microsoft.com/graph/change-notifications-lifecycle-events). */
export const contactFaultKinds = ['notificationMissed', 'subscriptionRemoved'] as const;

export type FaultKind = (typeof faultKinds)[number] | (typeof contactFaultKinds)[number];

/** Probability of each kind at each opportunity; 0 unless given. */
export type Faults = Partial<Record<FaultKind, number>>;

/** Draws every fault from one seeded source and counts those that were really injected. */
export class FaultDice<Kind extends string = FaultKind> {
  readonly counts = new Map<Kind, number>();
  readonly #random: Random;
  #faults: Partial<Record<Kind, number>>;

  constructor(random: Random, faults: Partial<Record<Kind, number>> = {}) {
    this.#random = random;
    this.#faults = faults;
  }

  /** Replaces the probabilities; `{}` ends the storm. */
  set(faults: Partial<Record<Kind, number>>): void {
    this.#faults = faults;
  }

  /** True, and counted, when the fault is to happen here. */
  roll(kind: Kind): boolean {
    if (!this.draws(kind)) return false;
    this.count(kind);
    return true;
  }

  /** True when the fault would happen here; the caller counts it if it makes a difference. */
  draws(kind: Kind): boolean {
    return chance(this.#random, this.#faults[kind] ?? 0);
  }

  count(kind: Kind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  half(): boolean {
    return this.#random.float() < 0.5;
  }

  upTo(ms: number): number {
    return integer(this.#random, ms + 1);
  }

  pick<T>(list: readonly T[]): T {
    return pick(this.#random, list);
  }
}
