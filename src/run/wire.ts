import { existsSync } from 'node:fs';
import { openDataFolder, peekDataFolder, type DataFolder } from '../kit/data-folder.ts';
import { uuid } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import type { Config } from '../kit/config/config.ts';
import { createTokenSource } from '../graph/token.ts';
import { directoryRoutes } from '../jobs/directory.ts';
import { openLedgerCopy } from '../ledger/copy.ts';
import { openLedgerFile } from '../ledger/open.ts';
import { digest, fingerprint, type Card } from '../model/card.ts';
import { createBodies } from '../engine/bodies.ts';
import { createPictures } from '../engine/pictures.ts';
import { scalePicture } from '../pictures/scale.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { createHalts } from '../engine/halts.ts';
import { recoverLostQueue } from '../engine/lost-queue.ts';
import { changeMessages, writeMessages } from '../queue/messages.ts';
import { openSqliteQueue } from '../queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../queue/worker-committer.ts';
import { assemble, type Parts } from './assemble.ts';
import { credentialOf } from './credentials.ts';
import { attributesOf, connectTenant, type Connection } from './connect.ts';
import { LEDGER_FILE, QUEUE_FILE } from './files.ts';
import { makePlan } from './plan.ts';
import { receiverRole } from './receiver-role.ts';
import { createService } from './roles.ts';
import type { PlanReport, Service, Surroundings } from './service.ts';
import { subscriptionNeeds } from './subscription-needs.ts';
import { throttleNotesRole } from './throttle-notes.ts';
import { untilSweep } from './sweep-time.ts';
import { certificateEnds } from './tenant-notes.ts';

export { approve, pause, resume, revertBeside } from './orders.ts';
export { readStatus } from './status.ts';

/** Above the deadline of a request to Graph, so that a holder in good health never loses its key. */
const LEASE_MS = 90_000;
/** How often everything that waits for nobody's message is looked for. */
const OUTSTANDING_MS = 60_000;
/** How soon `pause`, `resume` and `revert` from another process are seen. */
const HALT_CHECK_MS = 500;
/** How long a mailbox that cannot be used is left alone at first; longer each time in a row. */
const PARK_MS = 60 * 60_000;

/** The one place that knows which driver is behind which port. Throws when another process has the data folder. */
export async function openService(config: Config, surroundings: Surroundings): Promise<Service> {
  const { clock, log, random } = surroundings;
  const folder = openDataFolder({
    path: config.data,
    deployment: config.deployment,
    fingerprintKey: config.fingerprintKey?.bytes() ?? null,
    random,
  });
  // Given back in the reverse order of taking.
  const releases: (() => Promise<void> | void)[] = [() => folder.close()];
  const release = async (): Promise<void> => {
    for (const one of releases.toReversed()) await one();
  };
  try {
    const ledger = await openLedgerFile({ path: folder.file(LEDGER_FILE), log });
    releases.push(() => ledger.close());
    if (!existsSync(folder.file(QUEUE_FILE))) await recoverLostQueue(ledger, log, clock.now());
    const committer = createWorkerCommitter({ file: folder.file(QUEUE_FILE), clock });
    releases.push(() => committer.close());
    const queue = { committer, clock, leaseMs: LEASE_MS, dropLeases: true };
    const changes = await openSqliteQueue({ ...queue, messages: changeMessages });
    const writes = await openSqliteQueue({ ...queue, messages: writeMessages });
    const halts = createHalts(ledger.halts);
    const connections = connect({ config, surroundings, folder, ledger, halts });
    const assembly = assemble(
      partsOf({ config, surroundings, folder, ledger, halts, changes, writes, connections }),
    );
    return createService({
      assembly,
      ledger,
      clock,
      log,
      httpRequests: () => sum(connections, (one) => one.httpRequests()),
      writes: () => sum(connections, (one) => one.writes()),
      roles: [
        throttleNotesRole({ connections, book: ledger.throttles, clock, log }),
        ...(config.notifications
          ? [receiverRole(config, config.notifications, { changes, clock, log })]
          : []),
      ],
      close: release,
      ...(surroundings.onProgress ? { onProgress: surroundings.onProgress } : {}),
    });
  } catch (error) {
    await release();
    throw error;
  }
}

/** A dry run over a copy of the ledger, beside a running service or before the first start. */
export async function plan(config: Config, surroundings: Surroundings): Promise<PlanReport> {
  const found = peekDataFolder({
    path: config.data,
    deployment: config.deployment,
    fingerprintKey: config.fingerprintKey?.bytes() ?? null,
  });
  const { clock, random } = surroundings;
  const key = found.fingerprintKey ?? random.bytes(32);
  const ledger = await openLedgerCopy(found.file(LEDGER_FILE));
  try {
    const folder = { deployment: found.deployment ?? uuid(random) };
    return await makePlan({
      clock,
      ledger,
      connections: connect({ config, surroundings, folder, ledger, halts: createHalts(ledger.halts) }),
      routes: activeJobs(config).flatMap(directoryRoutes),
      configured: config.jobs.flatMap(directoryRoutes),
      fingerprint: (card) => fingerprint(key, card),
      gatewayTimeoutMs: config.timing.gatewayTimeoutMs,
    });
  } finally {
    await ledger.close();
  }
}

function connect({
  config,
  surroundings,
  folder,
  ledger,
  halts,
}: Pick<Opened, 'config' | 'surroundings' | 'ledger' | 'halts'> & {
  readonly folder: Pick<DataFolder, 'deployment'>;
}): Map<string, Connection> {
  const publicUrl = config.notifications?.publicUrl ?? '';
  const routes = config.jobs.flatMap(directoryRoutes);
  // Also tenants without a job: what a withdrawn one left there has to be taken back.
  return new Map(
    config.tenants.map((tenant) => {
      const tokens = createTokenSource({
        ...surroundings,
        ...tenant,
        credential: credentialOf(tenant.credential, surroundings),
        onCertificate: (ends) => {
          ledger.counters.set(certificateEnds(tenant.id), ends).catch((error: unknown) => {
            surroundings.log.warn('the end of the certificate was not noted', { error: toldOf(error) });
          });
        },
      });
      return [
        tenant.id,
        connectTenant({
          ...surroundings,
          ...config,
          log: surroundings.log,
          cloud: tenant.cloud,
          tokens,
          attributes: attributesOf(routes, tenant.id),
          publicUrl,
          deployment: folder.deployment,
          admits: (operation) => halts.admits(operation),
        }),
      ];
    }),
  );
}

function sum(connections: ReadonlyMap<string, Connection>, figure: (one: Connection) => number): number {
  return [...connections.values()].reduce((total, one) => total + figure(one), 0);
}

function activeJobs(config: Config): Config['jobs'] {
  return config.jobs.filter((job) => config.onlyJob === null || config.onlyJob === job.id);
}

type Opened = Pick<Parts, 'changes' | 'writes' | 'halts'> & {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly folder: DataFolder;
  readonly ledger: Ledger;
  readonly connections: ReadonlyMap<string, Connection>;
};

function partsOf({
  config,
  surroundings,
  folder,
  ledger,
  halts,
  changes,
  writes,
  connections,
}: Opened): Parts {
  const { timing, notifications } = config;
  const sources = new Map([...connections].map(([tenant, { source }]) => [tenant, source]));
  const print = (card: Card): string => fingerprint(folder.fingerprintKey, card);
  return {
    clock: surroundings.clock,
    log: surroundings.log,
    routes: activeJobs(config).flatMap(directoryRoutes),
    configured: config.jobs.flatMap(directoryRoutes),
    fingerprint: print,
    bodies: createBodies({ sources, fingerprint: print, ledger }),
    pictures: createPictures({
      sources,
      digest: (...parts) => digest(folder.fingerprintKey, ...parts),
      scale: scalePicture,
    }),
    sources,
    targets: new Map([...connections].map(([tenant, { target }]) => [tenant, target])),
    ledger,
    halts,
    changes,
    writes,
    subscriptions: notifications
      ? subscriptionNeeds({ config, surroundings, ledger, connections }, notifications)
      : [],
    timing: {
      secondLookMs: [timing.secondLookMs, timing.quietLookMs],
      gatewayTimeoutMs: timing.gatewayTimeoutMs,
      parkMs: PARK_MS,
      subscriptionCheckMs: timing.subscriptionCheckMs,
      pollMs: notifications ? null : timing.pollMs,
      outstandingMs: OUTSTANDING_MS,
      haltCheckMs: HALT_CHECK_MS,
      leaseMs: LEASE_MS,
    },
    untilSweep: (now) => untilSweep(config.sweep, now),
    auditNights: config.audit.nights,
  };
}
