/**
 * A tenant may leave the configuration together with its jobs while what they put into its mailboxes is still there. Nobody
 * can take that back without a way into the tenant: it is named at every start and by `status`, nothing is sent about it,
 * and it goes on when the tenant is back. A job of it that is back, too, begins with a round over everybody.
 */
import type { Ledger } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { SlabKey } from './turn.ts';

/** What is left in a tenant that the configuration does not know. */
export interface Stranded {
  readonly tenant: string;
  readonly job: string;
  readonly mailboxes: number;
}

export async function strandedIn(
  { routes, places }: Pick<Ledger, 'routes' | 'places'>,
  configured: ReadonlySet<string>,
): Promise<Stranded[]> {
  const stranded: Stranded[] = [];
  for (const { key, job, targetTenant: tenant } of await routes.all()) {
    if (configured.has(tenant)) continue;
    const mailboxes = (await places.count(key)) + (await places.count(key, 'leaving'));
    if (mailboxes > 0) stranded.push({ tenant, job, mailboxes });
  }
  return stranded;
}

/** A message that an earlier configuration left behind. What it would have done is found by the slab's fill when the tenant is back. */
export async function putAside({ ledger }: Pick<Needs, 'ledger'>, { tenant, slab }: SlabKey): Promise<void> {
  const places = await ledger.places.ofSlab(tenant, slab);
  const active = places.filter(({ state }) => state === 'active');
  await ledger.places.restart(
    active.map(({ place }) => place),
    'people',
  );
}
