import { createHalts } from '../engine/halts.ts';
import type { Config } from '../kit/config/config.ts';
import { assemble } from './assemble.ts';
import { connect, disconnect } from './connections.ts';
import { dashboardRole } from './dashboard-role.ts';
import { LEASE_MS, partsOf, sum } from './parts.ts';
import { printsUnder } from './prints.ts';
import { receiverOf, receiverRole } from './receiver-role.ts';
import { readsOfHubs } from './recording.ts';
import type { Role } from './roles.ts';
import type { Service, Surroundings } from './service.ts';
import { openFiles } from './stores.ts';
import { createService } from './tasks.ts';
import { refuseMovedJobs, reportStranded } from './tenant-changes.ts';
import { throttleNotesRole } from './throttle-notes.ts';
import { watched } from './watched.ts';

/** The whole service in one process, over the files of the data folder. */
export async function openAlone(config: Config, surroundings: Surroundings): Promise<Service> {
  const { clock, log } = surroundings;
  const stores = await openFiles(config, surroundings, { leaseMs: LEASE_MS });
  try {
    const { ledger, changes, deployment } = stores;
    await refuseMovedJobs(config, ledger);
    await reportStranded(config, ledger, log);
    const halts = createHalts(ledger.halts);
    const prints = printsUnder(stores.fingerprintKey);
    const noteReads = readsOfHubs({ config, clock, record: ledger.record });
    const connections = connect({ config, surroundings, deployment, ledger, halts, prints, noteReads });
    const { notifications } = config;
    const receiver = notifications && receiverOf(config, notifications, { ...surroundings, changes });
    const watch = watched({
      config,
      surroundings,
      role: 'all',
      stores,
      connections,
      receiver,
      isKeeper: () => true,
    });
    const meter = watch?.meter;
    const assembly = assemble(partsOf({ config, surroundings, stores, halts, connections, meter }));
    const { keeper } = assembly;
    const working: Role[] = [
      { name: 'worker', start: async (signal) => ({ work: assembly.work(signal) }) },
      { name: 'keeper', start: async (signal) => ({ work: keeper.run(signal) }) },
    ];
    return createService({
      assembly,
      ledger,
      clock,
      log,
      httpRequests: () => sum(connections, (one) => one.httpRequests()),
      writes: () => sum(connections, (one) => one.writes()),
      prepare: () => keeper.prepare(),
      roles: [
        throttleNotesRole({ connections, book: ledger.throttles, clock, log }),
        ...(receiver && notifications ? [receiverRole(receiver, notifications, { clock, log })] : []),
        ...working,
        ...(watch ? [watch.role] : []),
        ...(config.dashboard ? [dashboardRole(config, config.dashboard, surroundings)] : []),
      ],
      asKeeper: (signal, work) => work(signal),
      close: () => disconnect(connections).then(() => stores.close()),
      ...(surroundings.onProgress ? { onProgress: surroundings.onProgress } : {}),
    });
  } catch (error) {
    await stores.close();
    throw error;
  }
}
