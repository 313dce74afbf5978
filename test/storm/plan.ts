import type { Random } from '../../src/kit/random.ts';
import { integer, pick, seededRandom } from '../kit/seeded-random.ts';
import type { Faults } from '../tenant/faults.ts';

/**
 * A: notifications are all lost, the sweep alone must converge. B: no sweep, notifications alone must converge. C:
 * everything at once, with owners who work in their mailboxes, and ledgers that are lost or restored.
 */
export type Mode = 'A' | 'B' | 'C';

export const modes: readonly Mode[] = ['A', 'B', 'C'];

/** What one seed does. */
export interface Plan {
  readonly seed: number;
  readonly mode: Mode;
  readonly people: number;
  readonly mailboxes: number;
  readonly changes: number;
  readonly faults: Faults;
  /** Probability of a crash at one crossing of a port. */
  readonly crash: number;
  /** Of a crash that also costs the ledger: all of it, or what came after a backup. */
  readonly ledgerLoss: number;
  readonly staleMs: number;
  /** People who may leave scope: more than the guard lets go in some seeds. */
  readonly leavers: number;
  readonly wider: Wider;
}

/** What came to storms later, drawn apart, so that a seed without it is the storm that it was. */
export interface Wider {
  /** Probability that the configuration changes before a change in the tenant, which costs the process its life. */
  readonly reconfigure: number;
  /** A second job stands beside the first from the beginning. */
  readonly secondJob: boolean;
  /** Probability that a person enters or leaves scope by what they are, and not by their groups. */
  readonly attributes: number;
}

/** One job that never changes. */
export const NARROW: Wider = { reconfigure: 0, secondJob: false, attributes: 0 };

function widerOf(random: Random): Wider {
  return {
    reconfigure: pick(random, [0, 0.04, 0.08]),
    secondJob: random.float() < 0.4,
    attributes: pick(random, [0, 0.1]),
  };
}

/** Wider profiles hide rare faults behind common ones, so each seed draws its own mixture. */
export function planSeed(random: Random, seed: number, mode: Mode): Plan {
  const rate = (most: number): number => (random.float() < 0.3 ? 0 : random.float() * most);
  const faults: Faults = {
    ...notificationFaults(mode, rate),
    staleRead: rate(0.5),
    notFoundThenFound: rate(0.2),
    throttleInside: rate(0.15),
    throttleOutside: rate(0.05),
    unavailable503: rate(0.1),
    gatewayTimeoutApplied: rate(0.08),
    gatewayTimeoutNotApplied: rate(0.08),
    resetAfterApply: rate(0.08),
    lateApply: rate(0.05),
    missingSubResponse: rate(0.08),
    truncatedJson: rate(0.05),
    htmlBody200: rate(0.05),
    tokenExpired: rate(0.05),
    claimsChallenge: rate(0.05),
    conflict412: rate(0.05),
    deltaExpired410: rate(0.1),
    deltaReplay: rate(0.3),
    deltaDuplicate: rate(0.3),
    deltaEmptyPage: rate(0.3),
  };
  return {
    seed,
    mode,
    people: 8 + integer(random, 6),
    mailboxes: 5 + integer(random, 3),
    changes: 30 + integer(random, 10),
    faults,
    crash: pick(random, [0, 0.0005, 0.001, 0.003]),
    ledgerLoss: mode === 'C' ? 0.15 : 0,
    staleMs: pick(random, [0, 20_000, 45_000]),
    leavers: pick(random, [2, 4, 9]),
    wider: widerOf(seededRandom(seed * 31 + 7)),
  };
}

function notificationFaults(mode: Mode, rate: (most: number) => number): Faults {
  if (mode === 'A') return { notificationLost: 1 };
  const unreliable = {
    notificationDuplicated: rate(0.4),
    notificationDelayed: rate(0.2),
    notificationReordered: rate(0.4),
    notificationForged: rate(0.4),
  };
  return mode === 'B'
    ? unreliable
    : { ...unreliable, notificationLost: rate(0.5), subscriptionVanished: rate(0.05) };
}
