import type { Route } from '../model/route.ts';
import type { Ledger } from './ledger-port.ts';
import type { Needs } from './needs.ts';

/** What the ledger remembers of groups that keep people or fields back. */
export interface ExceptionBook {
  /** From now on these tracked groups keep people or fields back for these jobs, and no others do. */
  setExceptions(tenant: string, jobsOf: ReadonlyMap<string, readonly string[]>): Promise<void>;
  /** Tracked groups that the service does not know, those found so by a round. */
  missing(tenant: string): Promise<GroupMissing[]>;
  /** Members of missing groups that no job keeps are members no longer, with a change for each in the outbox. Returns how many. */
  letGo(tenant: string, options: { readonly contacts: boolean; readonly at: number }): Promise<number>;
}

/** A tracked group that was deleted, or that a full round does not name. */
export interface GroupMissing {
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Jobs for which it keeps somebody or something back: its members stay until all of these were approved. */
  readonly keptFor: readonly string[];
}

/**
 * Groups of the tenant that keep people or fields back, with the jobs for which they do. When one of them is deleted, or cannot
 * be found, nothing comes forth: what was on a phone cannot be taken back from a memory.
 */
export function exceptionsIn(
  routes: readonly Route[],
  tenant: string,
): ReadonlyMap<string, readonly string[]> {
  const jobs = new Map<string, string[]>();
  for (const { job, groups, barring, sourceTenant, targetTenant } of routes) {
    const barred = (all: readonly string[]): string[] => all.filter((group) => barring.includes(group));
    const source = sourceTenant === tenant ? [...barred(groups.source), ...groups.shape] : [];
    const target = targetTenant === tenant ? barred(groups.target) : [];
    for (const group of new Set([...source, ...target])) {
      const known = jobs.get(group) ?? [];
      if (!known.includes(job)) jobs.set(group, [...known, job]);
    }
  }
  return jobs;
}

/** Groups that were not found, of those that the routes name, and of those that keep something back. */
export async function missingGroupsOf(
  { memberships }: Pick<Ledger, 'memberships'>,
  routes: readonly Route[],
): Promise<(GroupMissing & { readonly tenant: string })[]> {
  const named = new Set(routes.flatMap(groupsOf));
  const found: (GroupMissing & { readonly tenant: string })[] = [];
  for (const tenant of new Set(routes.flatMap((route) => [route.sourceTenant, route.targetTenant]))) {
    const missing = await memberships.missing(tenant);
    const concerned = missing.filter(({ group, keptFor }) => named.has(group) || keptFor.length > 0);
    found.push(...concerned.map((one) => ({ ...one, tenant })));
  }
  return found;
}

function groupsOf({ groups }: Route): string[] {
  return Object.values(groups).flat();
}

/** Says which groups of the configuration a round did not find, and which of those keep something back until an approval. */
export function reportMissing(
  { routes, log }: Pick<Needs, 'routes' | 'log'>,
  tenant: string,
  missing: readonly GroupMissing[],
): void {
  for (const { group, keptFor } of missing) {
    const naming = routes.filter((route) => groupsOf(route).includes(group));
    const jobs = [...new Set(naming.map(({ job }) => job))];
    if (keptFor.length > 0) {
      log.tell('exception-missing', {
        tenant,
        group,
        jobs: keptFor,
      });
    } else if (jobs.length > 0) {
      log.tell('group-missing', {
        tenant,
        group,
        jobs,
      });
    }
  }
}

/** What was approved comes forth: members of groups that are not there any more are members no longer. */
export async function letGo({
  ledger,
  sources,
  clock,
  log,
}: Pick<Needs, 'ledger' | 'sources' | 'clock' | 'log'>): Promise<void> {
  for (const [tenant, { listings }] of sources) {
    const affected = await ledger.memberships.letGo(tenant, {
      contacts: listings.includes('contacts'),
      at: clock.now(),
    });
    if (affected > 0) log.tell('members-let-go', { tenant, affected });
  }
}
