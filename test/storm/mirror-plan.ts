import type { MirrorJobConfig } from '../../src/kit/config/config.ts';
import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { contactFaultKinds, faultKinds, type Faults } from '../tenant/faults.ts';
import type { Mode } from './plan.ts';

/** One storm over contacts that members share. */
export interface MirrorPlan {
  readonly members: number;
  readonly faults: Faults;
  /** How far replicas of the directory may be behind, and those of mailboxes. */
  readonly staleMs: number;
  readonly mailboxStaleMs: number;
  readonly normalises: boolean;
  readonly onDelete: MirrorJobConfig['onDelete'];
  readonly guard: MirrorJobConfig['guard'];
  /** Probability that a step deletes a contact, that a contact at the start is written down by two members, and that a restart finds no ledger. */
  readonly deletions: number;
  readonly metTwice: number;
  readonly ledgerLoss: number;
  /** Probability that somebody edits a contact right after it was read: between the look and the write that follows it. */
  readonly bustle: number;
  /** The job is taken back at the end. */
  readonly reverts: boolean;
  /** Whether what others keep comes into a folder of its own: from the first, from the middle of the storm on, or until then. */
  readonly folder: 'never' | 'always' | 'comes' | 'goes';
  /** So many writes an edit at rest may take beside one for each other copy: where two looks cross, one more or two. */
  readonly writesBeside: number;
}

/** How likely a kind is where it blows at all; of notifications, more: one that is lost is made up for by the audit alone. */
const LIKELY: Faults = { notificationLost: 0.1, staleRead: 0.2 };
const ORDINARY = 0.03;
const WIDE_OPEN = { count: 1_000, percent: 100 };
/** So few removals in a day that a storm reaches it. */
const NARROW = { count: 2, percent: 0 };

/** Drawn apart: storms without such a folder blow as they did before there was one. */
function drawFolder(seed: number): MirrorPlan['folder'] {
  return pick(seededRandom(seed * 17 + 5), ['never', 'never', 'always', 'comes', 'goes'] as const);
}

export function planMirror(random: Random, mode: Mode, seed: number): MirrorPlan {
  const faults: Faults = {};
  for (const kind of [...faultKinds, ...contactFaultKinds]) {
    if (kind === 'subscriptionVanished' || kind === 'notificationForged') continue;
    if (chance(random, 0.4)) faults[kind] = LIKELY[kind] ?? ORDINARY;
  }
  if (mode === 'A') faults.notificationLost = 1;
  if (mode === 'B') faults.notificationLost = faults.notificationMissed = 0;
  const folder = drawFolder(seed);
  const onDelete = pick(random, ['keep', 'keep', 'keep', 'everywhere', 'restore'] as const);
  return {
    members: 2 + integer(random, 3),
    faults,
    staleMs: chance(random, 0.5) ? 20_000 : 0,
    mailboxStaleMs: chance(random, 0.5) ? 20_000 : 0,
    normalises: chance(random, 0.3),
    onDelete,
    guard: onDelete === 'everywhere' ? NARROW : WIDE_OPEN,
    deletions: onDelete === 'everywhere' ? 0.16 : 0.08,
    metTwice: 0.3,
    ledgerLoss: 0.4,
    // What is written between the look and the removal of a copy that is moved goes with it: no removal bears an entity tag.
    bustle: chance(random, 0.5) && (folder === 'never' || folder === 'always') ? 0.02 : 0,
    reverts: chance(random, 0.3),
    folder,
    writesBeside: 2,
  };
}
