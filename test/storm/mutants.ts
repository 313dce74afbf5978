import type { Queue } from '../../src/engine/queue-port.ts';
import type { Clock } from '../../src/kit/clock.ts';
import type { Transport } from '../../src/kit/transport.ts';
import type { Change } from '../../src/model/change.ts';
import type { Parts } from '../../src/run/assemble.ts';
import type { Tenant } from '../tenant/tenant.ts';
import {
  audienceOfTheFirstJob,
  definitionIgnored,
  heldForgotten,
  unguarded,
  withdrawalForgotten,
} from './mutants-of-configurations.ts';
import {
  acknowledgedFirst,
  answeredBeforeStored,
  coalescedWhileRunning,
  noLease,
  noSecondLook,
} from './mutants-of-queues.ts';
import {
  lateNews,
  noAudit,
  noIntent,
  nobodyAsks,
  noLook,
  noOutbox,
  restoredLedgerTrusted,
  staleBodyWritten,
  tokenFirst,
} from './mutants-of-stores.ts';
import {
  forgeriesBelieved,
  missingIsSuccess,
  retryAfterIgnored,
  shorterRetryAfterWins,
  subStatusIgnored,
  wholeBatchErrorIgnored,
} from './mutants-of-wires.ts';
import {
  exchangeNotWaitedFor,
  groupsThemselvesForgotten,
  guestsNotAsked,
  namersForgotten,
  silenceBelieved,
  unguardedAbroad,
} from './mutants-abroad.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { folderMutants } from './mutants-of-folders.ts';
import { mirrorMutants } from './mutants-of-mirrors.ts';
import type { Mode, Plan } from './plan.ts';
import type { StormJob } from './run-options.ts';

/** A rule of the product, broken from outside, at a port; the storm must notice. */
export interface Mutant {
  readonly name: string;
  /** The mode in which no other net hides it. */
  readonly mode: Mode;
  /** Where people are shown: in mailboxes of their own tenant unless given. */
  readonly job?: StormJob;
  /** A seed that noticed it before: tried first, since those before it cost minutes. Any other will do as well. */
  readonly near?: number;
  /** A fault profile aimed at it, in place of what the seed draws. */
  readonly plan?: Partial<Plan>;
  /** The same where members share contacts. */
  readonly mirror?: Partial<MirrorPlan>;
  readonly parts?: (parts: Parts) => Parts;
  readonly transport?: (transport: Transport, clock: Clock) => Transport;
  readonly receiverQueue?: (changes: Queue<Change>, clock: Clock) => Queue<Change>;
  /** What brings notifications to the receiver. */
  readonly delivery?: (deliver: Transport, tenant: () => Tenant) => Transport;
}

export const mutants: readonly Mutant[] = [
  noLook,
  noIntent('creating'),
  noIntent('patching'),
  noIntent('removing'),
  subStatusIgnored,
  wholeBatchErrorIgnored,
  missingIsSuccess,
  acknowledgedFirst,
  noLease,
  answeredBeforeStored,
  tokenFirst,
  retryAfterIgnored,
  shorterRetryAfterWins,
  forgeriesBelieved,
  noSecondLook,
  coalescedWhileRunning,
  noOutbox,
  staleBodyWritten,
  restoredLedgerTrusted,
  definitionIgnored,
  withdrawalForgotten,
  audienceOfTheFirstJob,
  noAudit,
  unguarded,
  nobodyAsks,
  lateNews,
  heldForgotten,
  guestsNotAsked,
  exchangeNotWaitedFor,
  unguardedAbroad,
  namersForgotten,
  silenceBelieved,
  groupsThemselvesForgotten,
  ...mirrorMutants,
  ...folderMutants,
];
