import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import type { Plan } from './plan.ts';
import { rolesFor } from './unannounced.ts';

interface Weather {
  readonly clock: Clock;
  readonly random: Random;
  readonly deliver: Transport;
  readonly plan: Plan;
  readonly normalises: boolean;
}

/** A tenant of short pages, so that every round has several, and of the replicas that the plan names. */
export function openTenant({ clock, random, deliver, plan, normalises }: Weather): Tenant {
  return createTenant({
    clock,
    random,
    deliver,
    latencyMs: 20,
    auth: 'open',
    app: { roles: rolesFor(plan) },
    switches: {
      staleMs: plan.staleMs,
      notifyAfterMs: 500,
      normalises,
      deltaPageSize: 5,
      deltaMembersPerPage: 3,
      adoptable: plan.wider.adopts,
      managerTold: plan.partner?.managerTold ?? 'everywhere',
    },
  });
}
