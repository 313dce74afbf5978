import type { Queue } from '../../src/engine/queue-port.ts';
import type { Clock } from '../../src/kit/clock.ts';
import type { Transport } from '../../src/kit/transport.ts';
import type { Change } from '../../src/model/change.ts';
import type { Parts } from '../../src/run/assemble.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Mode, Plan } from './plan.ts';
import type { Disk } from './world.ts';

/** A rule of the product, broken from outside; the storm must notice. */
export interface Mutant {
  readonly name: string;
  /** The mode in which no other net hides it. */
  readonly mode: Mode;
  /** A fault profile aimed at it, over what the seed draws. */
  readonly plan?: Partial<Plan>;
  readonly parts?: (parts: Parts, around: { disk: Disk; tenant: Tenant }) => Parts;
  readonly transport?: (transport: Transport, clock: Clock) => Transport;
  readonly receiverQueue?: (changes: Queue<Change>, clock: Clock) => Queue<Change>;
}
