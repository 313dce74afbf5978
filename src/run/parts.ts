import type { Config } from '../kit/config/config.ts';
import { routesOf } from '../jobs/routes.ts';
import { createBodies } from '../engine/bodies.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { createPictures } from '../engine/pictures.ts';
import { scalePicture } from '../pictures/scale.ts';
import type { Parts } from './assemble.ts';
import type { Connection } from './connect.ts';
import { printsUnder } from './prints.ts';
import type { Meter } from './metrics/meter.ts';
import { hubsOf, recording } from './recording.ts';
import { DAY_MS } from './retention.ts';
import type { Surroundings } from './service.ts';
import type { Stores } from './stores.ts';
import { subscriptionNeeds } from './subscription-needs.ts';
import { tracedChanges, tracedTarget, tracedWrites } from './tracing/traced.ts';
import { untilSweep } from './sweep-time.ts';

/** Above the deadline of a request to Graph, so that a holder in good health never loses its key. */
export const LEASE_MS = 90_000;
/** How often everything that waits for nobody's message is looked for. */
const OUTSTANDING_MS = 60_000;
/** How soon `pause`, `resume` and `revert` from another process are seen. */
const HALT_CHECK_MS = 500;
/** How long a mailbox that cannot be used is left alone at first; longer each time in a row. */
const PARK_MS = 60 * 60_000;

/** What the configuration says, and what was opened for it. */
export interface Opened {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly stores: Stores;
  readonly halts: Parts['halts'];
  readonly connections: ReadonlyMap<string, Connection>;
  readonly authority?: Parts['authority'];
  /** Counts what is written; nobody asks for that unless given. */
  readonly meter?: Meter | undefined;
  /** May become the keeper, who makes subscriptions and knows the key that goes into them; yes unless given. */
  readonly mayKeep?: boolean;
}

export function sum(
  connections: ReadonlyMap<string, Connection>,
  figure: (one: Connection) => number,
): number {
  return [...connections.values()].reduce((total, one) => total + figure(one), 0);
}

export function activeJobs(config: Config): Config['jobs'] {
  return config.jobs.filter((job) => config.onlyJob === null || config.onlyJob === job.id);
}

/** What they write is on record, and of a folder that mailboxes share also what is read there. */
function targetsOf({ config, surroundings, stores, connections, meter }: Opened): Parts['targets'] {
  const { clock, tracing } = surroundings;
  const { record } = stores.ledger;
  const targets = Array.from(connections, ([place, { target }]) => {
    const metered = meter?.target(place, target) ?? target;
    const traced = tracing ? tracedTarget(tracing, { target: metered, place }) : metered;
    return [place, traced] as const;
  });
  if (config.compliance.record.days === 0) return new Map(targets);
  const reads = hubsOf(config.jobs.flatMap(routesOf));
  return new Map(
    targets.map(([tenant, target]) => [tenant, recording(target, { record, clock, tenant, reads })]),
  );
}

/** Who keeps no record keeps nothing of what became of changes either. */
function withoutTraces(ledger: Ledger): Ledger {
  return { ...ledger, traces: { ...ledger.traces, add: () => Promise.resolve() } };
}

export function partsOf(opened: Opened): Parts {
  const { config, surroundings, stores, halts, connections, authority, meter, mayKeep = true } = opened;
  const { changes, writes, fingerprintKey } = stores;
  const metered = meter?.writes(writes) ?? writes;
  const ledger = config.compliance.record.days === 0 ? withoutTraces(stores.ledger) : stores.ledger;
  const { timing, notifications } = config;
  const { tracing } = surroundings;
  const sources = new Map([...connections].map(([tenant, { source }]) => [tenant, source]));
  const prints = printsUnder(fingerprintKey);
  return {
    clock: surroundings.clock,
    log: surroundings.log,
    routes: activeJobs(config).flatMap(routesOf),
    configured: config.jobs.flatMap(routesOf),
    ...prints,
    bodies: createBodies({ ...prints, sources, ledger }),
    pictures: createPictures({
      sources,
      digest: prints.digest,
      scale: scalePicture,
    }),
    sources,
    targets: targetsOf(opened),
    ledger,
    halts,
    changes: tracing ? tracedChanges(tracing, changes) : changes,
    writes: tracing ? tracedWrites(tracing, metered) : metered,
    subscriptions:
      notifications && mayKeep
        ? subscriptionNeeds({ config, surroundings, ledger, changes, connections }, notifications)
        : [],
    timing: {
      secondLookMs: [timing.secondLookMs, timing.quietLookMs],
      gatewayTimeoutMs: timing.gatewayTimeoutMs,
      parkMs: PARK_MS,
      subscriptionCheckMs: timing.subscriptionCheckMs,
      pollMs: timing.pollMs,
      outstandingMs: OUTSTANDING_MS,
      haltCheckMs: HALT_CHECK_MS,
      leaseMs: LEASE_MS,
    },
    untilSweep: (now) => untilSweep(config.sweep, now),
    auditNights: config.audit.nights,
    keptOut: config.compliance.keepOut,
    recordMs: config.compliance.record.days * DAY_MS,
    ...(authority ? { authority } : {}),
  };
}
