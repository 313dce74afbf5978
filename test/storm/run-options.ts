import type { Tenant } from '../tenant/tenant.ts';
import type { Mutant } from './mutants.ts';
import type { Mode, Plan } from './plan.ts';
import type { Disk } from './world.ts';

/** Where people are shown: in mailboxes of their own tenant, or in Exchange of another; or contacts that members share. */
export type StormJob = 'directory' | 'cross-tenant' | 'mirror';

export interface RunOptions {
  readonly seed: number;
  readonly mode: Mode;
  readonly mutant?: Mutant | undefined;
  /** In place of what the seed draws. */
  readonly plan?: Partial<Plan> | undefined;
  /** People in mailboxes of their own tenant unless given. */
  readonly job?: StormJob | undefined;
  /** Sees the disk at the end, for whoever looks into a failing seed. */
  readonly inspect?: (disk: Disk, tenant: Tenant) => void;
}
