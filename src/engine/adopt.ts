import type { Route } from '../model/route.ts';
import { exceptionsIn } from './exceptions.ts';
import type { RouteRecord } from './ledger-port.ts';
import type { ActiveRoute, Needs } from './needs.ts';
import { fillMessage } from './send.ts';

/** What the running configuration means against what the ledger remembers. */
export interface Adopted {
  readonly routes: readonly ActiveRoute[];
  /** Tenants over which a full round is due, because a definition is new or has changed. */
  readonly roundOver: ReadonlySet<string>;
}

/**
 * Gives every route its place in the ledger and starts to track the groups of all configured ones, resting ones included. A route's new definition is
 * stored only by `roundDone`, after everybody was looked at: a crash in between repeats the round.
 */
export async function adoptRoutes(
  needs: Pick<Needs, 'ledger'>,
  routes: readonly Route[],
  configured: readonly Route[],
): Promise<Adopted> {
  const { ledger } = needs;
  const known = new Map((await ledger.routes.all()).map((record) => [record.id, record]));
  const active: ActiveRoute[] = [];
  const roundOver = new Set<string>();
  for (const route of routes) {
    const before = known.get(route.id);
    const definition = before?.state === 'active' ? before.definition : '';
    const record = await ledger.routes.save({ ...recordOf(route), definition });
    active.push({ ...route, key: record.key });
    if (route.photo === null) await ledger.photos.forget(record.key);
    if (definition !== route.definition) {
      roundOver.add(route.sourceTenant);
      roundOver.add(route.targetTenant);
    }
  }
  const units = new Set(configured.flatMap((route) => route.units));
  for (const [tenant, groups] of groupsByTenant(configured)) {
    await ledger.memberships.track(tenant, [...groups.difference(units)], 'group');
    await ledger.memberships.track(tenant, [...groups.intersection(units)], 'unit');
    await ledger.memberships.prune(tenant, [...groups]);
    await ledger.memberships.setExceptions(tenant, exceptionsIn(configured, tenant));
  }
  return { routes: active, roundOver };
}

/**
 * What a process may do that is not the keeper: gives routes that are new their place, and has their groups tracked, so that
 * nobody is taken for out of scope whose group was not read yet. The rest waits for the keeper. Returns those to work with:
 * one that the ledger holds for withdrawn rests until the keeper takes it up again.
 */
export async function meetRoutes(
  { ledger }: Pick<Needs, 'ledger'>,
  routes: readonly Route[],
): Promise<readonly ActiveRoute[]> {
  const known = new Map((await ledger.routes.all()).map((record) => [record.id, record]));
  const active: ActiveRoute[] = [];
  for (const route of routes) {
    const record = known.get(route.id) ?? (await ledger.routes.save({ ...recordOf(route), definition: '' }));
    if (record.state === 'active') active.push({ ...route, key: record.key });
  }
  const units = new Set(routes.flatMap((route) => route.units));
  for (const [tenant, groups] of groupsByTenant(routes)) {
    await ledger.memberships.track(tenant, [...groups.difference(units)], 'group');
    await ledger.memberships.track(tenant, [...groups.intersection(units)], 'unit');
  }
  return active;
}

/** Everybody was looked at under the routes' definitions, durably. */
export async function roundDone(needs: Pick<Needs, 'ledger'>, routes: readonly Route[]): Promise<void> {
  for (const route of routes)
    await needs.ledger.routes.save({ ...recordOf(route), definition: route.definition });
}

function recordOf(route: Route): Omit<RouteRecord, 'key'> {
  const { id, job, sourceTenant, targetTenant, folder, definition } = route;
  return { id, job, sourceTenant, targetTenant, folder, definition, state: 'active' };
}

function groupsByTenant(routes: readonly Route[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  const add = (tenant: string, ids: readonly string[]): void => {
    groups.set(tenant, (groups.get(tenant) ?? new Set()).union(new Set(ids)));
  };
  for (const route of routes) {
    add(route.sourceTenant, route.groups.source);
    add(route.sourceTenant, route.groups.shape);
    add(route.targetTenant, route.groups.target);
  }
  return groups;
}

/** A job that is not in the configuration any more has no limits of its own: these are the defaults. */
const WITHDRAWAL_LIMITS = { count: 20, percent: 10 };

/**
 * Withdraws the routes whose job disappeared from the configuration: their places are emptied as far as the guard lets
 * them; what it holds waits for `approve`. Runs again and again until nothing is left, then forgets the route.
 */
export async function withdrawRoutes(
  needs: Pick<Needs, 'ledger' | 'writes' | 'clock' | 'log' | 'targets'>,
  configured: ReadonlySet<string>,
): Promise<void> {
  for (const record of await needs.ledger.routes.all()) {
    if (configured.has(record.id)) continue;
    if (record.state === 'active') {
      needs.log.tell('job-withdrawn', {
        job: record.job,
        route: record.id,
      });
      await needs.ledger.routes.save({ ...record, state: 'withdrawn' });
    }
    await withdraw(needs, record);
  }
}

async function withdraw(
  needs: Pick<Needs, 'ledger' | 'writes' | 'clock' | 'log' | 'targets'>,
  record: RouteRecord,
): Promise<void> {
  const { ledger } = needs;
  const slabs = await ledger.slabs.of(record.key);
  if (slabs.length === 0) {
    await ledger.routes.forget(record.key);
    needs.log.tell('job-forgotten', { route: record.id });
    return;
  }
  // Without a way in, nothing can be taken back there.
  if (!needs.targets.has(record.targetTenant)) return;
  const now = needs.clock.now();
  for (const { tenant, slab } of slabs) {
    const staying = (await ledger.places.ofSlab(tenant, slab)).filter(
      (place) => place.route === record.key && place.state === 'active',
    );
    const subjects = staying.map((place) => place.owner);
    if (subjects.length === 0) continue;
    const scope = await ledger.places.count(record.key);
    const request = {
      job: record.job,
      kind: 'mailbox' as const,
      tenant,
      subjects,
      limits: WITHDRAWAL_LIMITS,
      scope,
      now,
    };
    const released = await ledger.guard.admit(request);
    if (released.size < subjects.length) {
      needs.log.tell('removals-held', {
        job: record.job,
        kind: 'mailbox',
        held: subjects.length - released.size,
      });
    }
    for (const owner of released) await ledger.mailboxes.leave(tenant, owner, record.key);
    if (released.size > 0) await needs.writes.send([fillMessage({ tenant, slab }, now)]);
  }
}
