import { hostname } from 'node:os';
import type { Receiver } from '../../webhooks/receiver.ts';
import { createHalts } from '../engine/halts.ts';
import { noteLostLedger } from '../engine/recall.ts';
import type { Config } from '../kit/config/config.ts';
import { keyOf } from '../kit/data-folder.ts';
import { repeat } from '../kit/loop.ts';
import { uuid } from '../kit/random.ts';
import { assemble, type Assembly } from './assemble.ts';
import type { Authority } from './authority.ts';
import { configurationName } from './configuration-name.ts';
import { watchCrew, type CrewWatch } from './crew-watch.ts';
import { dashboardRole } from './dashboard-role.ts';
import { fenced } from './fence.ts';
import { createKeeperLease, type KeeperLease } from './keeper-lease.ts';
import { refuseMoved } from './moved.ts';
import { connect, disconnect } from './connections.ts';
import { activeJobs, LEASE_MS, partsOf, sum } from './parts.ts';
import { printsUnder } from './prints.ts';
import { receiverOf, receiverRole } from './receiver-role.ts';
import { readsOfHubs } from './recording.ts';
import { placesOf } from './places.ts';
import type { ServiceRole } from './role-name.ts';
import type { Role } from './roles.ts';
import type { Service, Surroundings } from './service.ts';
import type { SharedConfig } from './shared-config.ts';
import { openBusQueues } from './shared-stores.ts';
import { createReleases, openLedgerOf, type Stores } from './stores.ts';
import { createService } from './tasks.ts';
import { refuseMovedJobs, reportStranded } from './tenant-changes.ts';
import { throttleNotesRole } from './throttle-notes.ts';
import { watched } from './watched.ts';

/** How soon a worker takes up a job that the keeper has taken up again. */
const MEET_MS = 10_000;

interface Process {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly role: ServiceRole;
  readonly stores: Stores;
  readonly crew: CrewWatch;
  readonly lease: KeeperLease;
}

/** One process of several: a worker, a keeper (or one that stands by), or all in one. */
export async function openShared(
  config: SharedConfig,
  surroundings: Surroundings,
  role: Process['role'],
): Promise<Service> {
  const { clock, log, random } = surroundings;
  const releases = createReleases();
  try {
    const ledger = await openLedgerOf(config, surroundings);
    releases.push(() => ledger.close());
    const id = `${hostname()}-${uuid(random).slice(0, 8)}`;
    const onShares: ((share: Parameters<Parameters<typeof watchCrew>[0]['onShare']>[0]) => void)[] = [];
    const crew = watchCrew({
      crew: ledger.crew,
      member: { id, role: role === 'keeper' ? 'standby' : role, configuration: configurationName(config) },
      clock,
      log,
      onShare: (share) => onShares.forEach((tell) => tell(share)),
    });
    const queues = openBusQueues(config.queue, surroundings, {
      leaseMs: LEASE_MS,
      share: () => crew.share(),
    });
    releases.push(() => queues.close());
    const stores: Stores = {
      deployment: config.deployment ?? '',
      fingerprintKey: keyOf(config.fingerprintKey?.text() ?? ''),
      ledger,
      ...queues,
      close: () => releases.close(),
    };
    const lease = createKeeperLease({ leases: ledger.leases, holder: id, clock, log });
    return serviceOf({ config, surroundings, role, stores, crew, lease }, (tell) => onShares.push(tell));
  } catch (error) {
    await releases.close();
    throw error;
  }
}

function serviceOf(
  process: Process,
  onShare: (tell: Parameters<typeof watchCrew>[0]['onShare']) => void,
): Service {
  const { config, surroundings, stores, crew, lease } = process;
  const { clock, log } = surroundings;
  const { ledger, deployment } = stores;
  const halts = createHalts(ledger.halts);
  const prints = printsUnder(stores.fingerprintKey);
  const noteReads = readsOfHubs({ config, clock, record: ledger.record });
  const connections = connect({ config, surroundings, deployment, ledger, halts, prints, noteReads });
  onShare((share) => connections.forEach((connection) => connection.take(share)));
  const authority: Authority = {
    isKeeper: () => lease.isHeld(),
    fenced: (port) => fenced(port, () => lease.demand()),
    agrees: () => crew.agrees(),
  };
  const mayKeep = process.role !== 'worker';
  const receiver = receiving(process);
  const watch = watched({
    ...process,
    connections,
    receiver: receiver?.receiver ?? null,
    isKeeper: () => lease.isHeld(),
  });
  const meter = watch?.meter;
  const assembly = assemble(
    partsOf({ config, surroundings, stores, halts, connections, authority, mayKeep, meter }),
  );
  const notes = throttleNotesRole({ connections, book: ledger.throttles, clock, log });
  const prepare = async (): Promise<void> => {
    await refuseMoved(ledger.counters);
    await refuseMovedJobs(config, ledger);
    await reportStranded(config, ledger, log);
    await noteLostLedger(ledger, placesOf(config), clock.now());
    await assembly.meet();
  };
  return createService({
    assembly,
    ledger,
    clock,
    log,
    httpRequests: () => sum(connections, (one) => one.httpRequests()),
    writes: () => sum(connections, (one) => one.writes()),
    prepare,
    roles: [
      crewRole(crew),
      notes,
      ...(receiver ? [receiver.role] : []),
      ...rolesOf(process, assembly),
      ...(watch ? [watch.role] : []),
    ],
    asKeeper: async (signal, work) => {
      const leave = await crew.start();
      try {
        await prepare();
        return await lease.once(signal, work);
      } finally {
        await leave();
      }
    },
    close: () => disconnect(connections).then(() => stores.close()),
    ...(surroundings.onProgress ? { onProgress: surroundings.onProgress } : {}),
  });
}

/** First of all and last of all: others make room before anything is done, and until it is over. */
function crewRole(crew: CrewWatch): Role {
  return { name: 'crew', start: async () => ({ stop: await crew.start() }) };
}

/** In a process that does everything; another one's receivers are processes of their own. */
function receiving({
  config,
  surroundings,
  role,
  stores,
}: Process): { readonly receiver: Receiver; readonly role: Role } | null {
  const { notifications } = config;
  if (role !== 'all' || notifications === null) return null;
  const receiver = receiverOf(config, notifications, { ...surroundings, changes: stores.changes });
  return { receiver, role: receiverRole(receiver, notifications, surroundings) };
}

function rolesOf(process: Process, assembly: Assembly): Role[] {
  const { config, surroundings, role } = process;
  const { dashboard } = config;
  const roles: Role[] = [];
  if (role !== 'keeper') roles.push(workerRole(process, assembly));
  if (role !== 'worker') roles.push(keeperRole(process, assembly));
  if (role === 'all' && dashboard) roles.push(dashboardRole(config, dashboard, surroundings));
  return roles;
}

function workerRole({ config, surroundings }: Process, assembly: Assembly): Role {
  const wanted = activeJobs(config).length;
  // A job that another process withdrew rests here until the keeper takes it up again.
  const run = async (): Promise<void> => {
    if (new Set(assembly.needs.routes.map(({ job }) => job)).size < wanted) await assembly.meet();
  };
  const work = async (signal: AbortSignal): Promise<void> => {
    const meeting = repeat(surroundings, { name: 'jobs', next: () => MEET_MS, run }, signal);
    await Promise.all([assembly.handle(signal), meeting]);
  };
  return { name: 'worker', start: async (signal) => ({ work: work(signal) }) };
}

function keeperRole({ role, crew, lease }: Process, assembly: Assembly): Role {
  const term = async (signal: AbortSignal): Promise<void> => {
    if (role === 'keeper') await crew.become('keeper');
    try {
      await assembly.keeper.prepare();
      await assembly.keep(signal);
    } finally {
      if (role === 'keeper') await crew.become('standby');
    }
  };
  return { name: 'keeper', start: async (signal) => ({ work: lease.run(signal, term) }) };
}
