import type { Random } from '../../src/kit/random.ts';
import { integer, pick, seededRandom } from '../kit/seeded-random.ts';
import type { ExchangeFaults, ExchangeSwitches } from '../tenant/exchange/options.ts';
import type { Faults } from '../tenant/faults.ts';
import type { Switches } from '../tenant/options.ts';

/**
 * A: notifications are all lost, the sweep alone must converge. B: no sweep, notifications alone must converge. C:
 * everything at once, with owners who work in their mailboxes, and ledgers that are lost or restored.
 */
export type Mode = 'A' | 'B' | 'C';

export const modes: readonly Mode[] = ['A', 'B', 'C'];

const HOUR_MS = 3_600_000;
const NEVER_MS = 10_000 * HOUR_MS;

/** What the service does of itself. A storm's night comes every hour; two of them verify every mailbox. */
export const rhythms: Readonly<Record<Mode, Rhythm>> = {
  A: { untilSweep: () => HOUR_MS, auditNights: null, deaf: false, pollMs: NEVER_MS },
  B: { untilSweep: () => NEVER_MS, auditNights: null, deaf: true, pollMs: HOUR_MS / 3 },
  C: { untilSweep: () => HOUR_MS, auditNights: 2, deaf: false, pollMs: HOUR_MS / 3 },
};

export interface Rhythm {
  /** Milliseconds until the next nightly sweep; storms have short nights. */
  readonly untilSweep: (now: number) => number;
  /** In how many nights every mailbox is verified; null: never. */
  readonly auditNights: number | null;
  /** The source's rounds over users yield nothing: only notifications tell. */
  readonly deaf: boolean;
  /** How often is asked for what no notification ever tells of. */
  readonly pollMs: number;
}

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
  /** People are shown in Exchange of another tenant, and nowhere else; null: in mailboxes of their own. */
  readonly partner: PartnerPlan | null;
}

/** The other tenant. */
export interface PartnerPlan {
  readonly faults: ExchangeFaults;
  readonly exchange: Partial<ExchangeSwitches>;
  /** So long after somebody left the contact goes, in milliseconds. */
  readonly graceMs: number;
  /** Probability that somebody of the other tenant does something. */
  readonly bustle: number;
  /** Probability that one of the people gets another manager, or none. */
  readonly managers: number;
  /** Groups with an address are shown as well, and one of them changes with this probability; null: they are not. */
  readonly mailGroups: number | null;
  /** Where a change of a manager is told. */
  readonly managerTold: Switches['managerTold'];
}

/** What came to storms later, drawn apart, so that a seed without it is the storm that it was. */
export interface Wider {
  /** Probability that the configuration changes before a change in the tenant, which costs the process its life. */
  readonly reconfigure: number;
  /** A second job stands beside the first from the beginning. */
  readonly secondJob: boolean;
  /** Probability that a person enters or leaves scope by what they are, and not by their groups. */
  readonly attributes: number;
  /** Probability of a change that no notification tells of: contacts and administrative units are sources as well. */
  readonly unannounced: number;
  /** Probability that an administrator pauses, reverts or resumes. */
  readonly orders: number;
  /** The job of the staff takes over what was in the mailboxes before. */
  readonly adopts: boolean;
  /** Probability that an owner renames a managed folder, in mode C. */
  readonly tampering: number;
  /** Probability that a group leaves the group it is in. */
  readonly regroup: number;
  /** Probability that somebody begins to take something back, and thinks again when the first contacts go. */
  readonly secondThoughts: number;
  /** Probability that more people leave at once than the guard lets go, and that one of them is edited afterwards. */
  readonly exodus: number;
  /** So many people more: no mailbox is emptied with one batch. */
  readonly crowd: number;
}

/** One job that never changes. */
export const NARROW: Wider = {
  reconfigure: 0,
  secondJob: false,
  attributes: 0,
  unannounced: 0,
  orders: 0,
  adopts: false,
  tampering: 0,
  regroup: 0,
  secondThoughts: 0,
  exodus: 0,
  crowd: 0,
};

/** More than one turn of a fill takes in a mailbox. */
const CROWD = 24;

function widerOf(random: Random): Wider {
  const wider = {
    reconfigure: pick(random, [0, 0.04, 0.08]),
    secondJob: random.float() < 0.4,
    attributes: pick(random, [0, 0.1]),
    unannounced: pick(random, [0, 0.15]),
    orders: pick(random, [0, 0, 0.06]),
    adopts: random.float() < 0.3,
    tampering: pick(random, [0, 0.06]),
    regroup: pick(random, [0, 0, 0.04]),
  };
  const secondThoughts = pick(random, [0, 0, 0.08]);
  const exodus = pick(random, [0, 0, 0, 0.1]);
  return { ...wider, secondThoughts, exodus, crowd: secondThoughts > 0 ? CROWD : 0 };
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
    partner: null,
  };
}

/** The same storm over people who are shown in another tenant. What is about mailboxes, folders and several jobs stays away. */
export function planPartner(plan: Plan): Plan {
  const random = seededRandom(plan.seed * 31 + 12);
  const rate = (most: number): number => (random.float() < 0.3 ? 0 : random.float() * most);
  const { attributes, orders } = plan.wider;
  return {
    ...plan,
    wider: { ...NARROW, attributes, orders },
    partner: {
      faults: {
        exchangeThrottled: rate(0.1),
        exchangePlainThrottle: rate(0.05),
        exchangeTransient: rate(0.1),
        exchangeAnswerLost: rate(0.08),
        exchangeUndecodable: rate(0.05),
        exchangeLate: rate(0.05),
        exchangeMissingPart: rate(0.08),
        exchangeDualWrite: rate(0.05),
      },
      exchange: {
        lagMs: pick(random, [0, 20_000, 180_000]),
        releaseMs: pick(random, [0, 0, 600_000]),
        conflictStatus: pick(random, [400, 500]),
        notFoundStatus: pick(random, [404, 500]),
        pageSize: pick(random, [3, 1_000]),
      },
      graceMs: pick(random, [0, 1_800_000]),
      bustle: pick(random, [0, 0.1]),
      managers: pick(random, [0, 0.1, 0.3]),
      mailGroups: pick(random, [null, 0.1, 0.3]),
      // Without a sweep only a notification can tell.
      managerTold: plan.mode === 'B' ? 'everywhere' : pick(random, ['everywhere', 'delta', 'nowhere']),
    },
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
