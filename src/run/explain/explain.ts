import { explain as explainPair, type Explanation } from '../../engine/explain.ts';
import type { Explaining } from '../../engine/explain-fields.ts';
import { createHalts } from '../../engine/halts.ts';
import type { Ledger, RouteRecord } from '../../engine/ledger-port.ts';
import type { ActiveRoute } from '../../engine/needs.ts';
import { routesOf } from '../../jobs/routes.ts';
import type { Config } from '../../kit/config/config.ts';
import { exchangeOf, tenantOf } from '../../model/exchange-place.ts';
import { Fault } from '../../model/fault.ts';
import type { Route } from '../../model/route.ts';
import { connect, disconnect } from '../connections.ts';
import { foundIn, printsIn } from '../found-folder.ts';
import type { Prints } from '../prints.ts';
import { activeJobs, sum } from '../parts.ts';
import { readingOnly } from '../reading-only.ts';
import type { Surroundings } from '../service.ts';
import { openLedgerOf } from '../stores.ts';
import { sweptAt } from '../sweeper.ts';
import { idOf, sharedIdOf, type Naming } from './naming.ts';
import { reportJob, type ExplainedJob, type ExplainReport } from './report.ts';

export interface ExplainAsked {
  /** Object id or user principal name; of a contact that mailboxes share its SyncId, an address, or its name where it has none. */
  readonly person: string;
  /** The same of the mailbox's owner, or a tenant of the configuration whose Exchange it is; null: every such Exchange. */
  readonly mailbox: string | null;
}

/**
 * Explains one pair for every job that shows people in such places. Beside a running service; it reads the directory and the contact,
 * and writes nothing anywhere. Throws a `not-found` fault when a principal name is nobody's, and an `invalid` one when no job is about
 * such a place.
 */
export async function explain(
  config: Config,
  surroundings: Surroundings,
  asked: ExplainAsked,
): Promise<ExplainReport> {
  const ledger = await openLedgerOf(config, surroundings);
  try {
    const routes = concerned(config, asked);
    const all = await ledger.routes.all();
    const active = routes.flatMap((route) => activeIn(all, route));
    const { clock } = surroundings;
    const halts = createHalts(ledger.halts);
    await halts.refresh();
    const found = foundIn(config);
    const prints = printsIn(found);
    const given = { config, surroundings, halts, prints };
    const connections = connect({
      ...given,
      deployment: found.deployment ?? '',
      ledger: withoutNotes(ledger),
    });
    try {
      const needs = {
        ledger,
        halts,
        clock,
        routes: active,
        ...prints,
        sources: new Map([...connections].map(([tenant, { source }]) => [tenant, source])),
        targets: new Map([...connections].map(([tenant, { target }]) => [tenant, readingOnly(target)])),
        timing: { ...config.timing, secondLookMs: [0, 0] as const, parkMs: 0 },
      };
      const naming: Naming = { config, surroundings, known: new Map() };
      const explained = await explainAll(needs, naming, asked);
      const now = clock.now();
      const taken = new Set(active.map(({ id }) => id));
      return {
        at: new Date(now).toISOString(),
        jobs: await Promise.all(
          explained.map(async (one) =>
            reportJob(one, { now, throttled: await throttlesOf(ledger, one, now) }),
          ),
        ),
        notTakenUp: routes.filter(({ id }) => !taken.has(id)).map(({ job }) => job),
        withdrawn: await withdrawnFrom(ledger, all, explained),
        sweeps: await sweepsOf(ledger, explained),
        httpRequests: sum(connections, (one) => one.httpRequests()) + naming.known.size,
      };
    } finally {
      await disconnect(connections);
    }
  } finally {
    await ledger.close();
  }
}

/** The pair in every route in which both are somebody; one at least, where there is a route. */
async function explainAll(
  needs: Explaining & Prints,
  naming: Naming,
  asked: ExplainAsked,
): Promise<Explanation[]> {
  const explained: Explanation[] = [];
  for (const route of needs.routes) {
    const person = route.shares
      ? await sharedIdOf(needs, route, asked.person)
      : await idOf(naming, route.sourceTenant, asked.person);
    const owner = isExchange(route)
      ? organisationOf(naming.config, route)
      : await idOf(naming, route.targetTenant, asked.mailbox ?? '');
    if (person !== null && owner !== null) explained.push(await explainPair(needs, route, { person, owner }));
  }
  if (explained.length > 0 || needs.routes.length === 0) return explained;
  throw new Fault(
    'not-found',
    'nobody is called so in the tenants of these jobs, and no shared contact: look for the spelling, or give the object id',
  );
}

/** The routes to places of that kind. */
function concerned(config: Config, { mailbox }: ExplainAsked): Route[] {
  const routes = activeJobs(config).flatMap(routesOf);
  const tenant = config.tenants.find(({ id }) => id === mailbox);
  const found =
    mailbox === null
      ? routes.filter(isExchange)
      : tenant
        ? routes.filter(({ targetTenant }) => targetTenant === exchangeOf(tenant.id))
        : routes.filter((route) => !isExchange(route));
  if (found.length > 0) return found;
  throw new Fault(
    'invalid',
    mailbox === null
      ? 'no job shows people in Exchange of a tenant: name the mailbox as well'
      : tenant
        ? `no job shows people in Exchange of the tenant ${tenant.id}`
        : 'no job shows people in mailboxes: name the tenant in whose Exchange they are shown, or nothing',
  );
}

function isExchange({ targetTenant }: Pick<Route, 'targetTenant'>): boolean {
  return tenantOf(targetTenant) !== targetTenant;
}

/** A route that was not started yet, or that is held for withdrawn, is not worked with. */
function activeIn(all: readonly RouteRecord[], route: Route): ActiveRoute[] {
  const record = all.find(({ id }) => id === route.id);
  return record?.state === 'active' ? [{ ...route, key: record.key }] : [];
}

function organisationOf({ tenants }: Config, { targetTenant }: Route): string {
  const tenant = tenants.find(({ id }) => id === tenantOf(targetTenant));
  return (tenant?.tenantId ?? '').toLowerCase();
}

/** Jobs that left the configuration, and still have a place in one of these mailboxes. */
async function withdrawnFrom(
  { places }: Ledger,
  all: readonly RouteRecord[],
  explained: readonly Explanation[],
): Promise<string[]> {
  const withdrawn = new Map(
    all.filter(({ state }) => state === 'withdrawn').map(({ key, job }) => [key, job]),
  );
  const jobs = new Set<string>();
  for (const { owner } of explained) {
    if (!owner.mailbox || withdrawn.size === 0) continue;
    const { tenant, slab } = owner.mailbox;
    for (const place of await places.ofSlab(tenant, slab)) {
      const job = withdrawn.get(place.route);
      if (job !== undefined && place.owner === owner.id) jobs.add(job);
    }
  }
  return [...jobs];
}

/** What is still waited for, by word of the service that works. */
async function throttlesOf(
  { throttles }: Ledger,
  { route }: Explanation,
  now: number,
): Promise<ExplainedJob['throttled']> {
  const found = await Promise.all(
    [...new Set([route.sourceTenant, route.targetTenant])].map(async (tenant) =>
      (await throttles.recent(tenant)).map((one) => ({ ...one, tenant })),
    ),
  );
  return found.flat().flatMap(({ tenant, scope, at, waitMs }) => {
    const until = at + (waitMs ?? 0);
    // A mailbox keeps its own time.
    return scope === 'mailbox' || until <= now ? [] : { tenant, scope, until: new Date(until).toISOString() };
  });
}

async function sweepsOf(
  { counters }: Ledger,
  explained: readonly Explanation[],
): Promise<ExplainReport['sweeps']> {
  const tenants = new Set(explained.map(({ route }) => route.sourceTenant));
  return Promise.all(
    Array.from(tenants, async (tenant) => {
      const at = await counters.read(sweptAt(tenant));
      return { tenant, lastSweep: at === 0 ? null : new Date(at).toISOString() };
    }),
  );
}

/** Whoever connects notes when its certificate ends, and whoever reads a book what it comes upon; here nothing is noted. */
function withoutNotes(ledger: Ledger): Ledger {
  const { counters, book, audits } = ledger;
  return {
    ...ledger,
    counters: { ...counters, set: () => Promise.resolve() },
    book: { ...book, edited: () => Promise.resolve(new Set<string>()) },
    audits: { ...audits, ask: () => Promise.resolve() },
  };
}
