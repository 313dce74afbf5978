import { createDashboard } from '../dashboard/app.ts';
import { listenPatiently, startDashboard, type RunningDashboard } from '../dashboard/server.ts';
import type { Config } from '../kit/config/config.ts';
import { entraOf } from './dashboard-entra.ts';
import { houseOf } from './dashboard-house.ts';
import { onePlan, refusePlan } from './dashboard-plan.ts';
import { dryRun } from './dry-run.ts';
import { runRoles, type Role } from './roles.ts';
import type { Running, Surroundings } from './service.ts';

/** The dashboard as a process of its own: it takes no lock, and looks on while others work, start and stop. */
export function openDashboard(config: Config, surroundings: Surroundings): Running {
  const { dashboard } = config;
  if (dashboard === null) throw new Error('A dashboard takes an address to listen on.');
  const { listen } = dashboard;
  const { log } = surroundings;
  const entra = entraOf(config, surroundings);
  const plan = onePlan(config, (job) => dryRun({ ...config, onlyJob: job }, surroundings));
  const house = houseOf(config, surroundings, plan);
  const served = createDashboard({ ...surroundings, house, dashboard, entra, folder: config.data });
  const role: Role = {
    name: 'dashboard',
    start: async (signal) => {
      const server = await startDashboard(served.app, listen);
      log.tell('dashboard-listens', { host: listen.host, port: server.port });
      const stop = (): Promise<void> => {
        served.stop();
        return server.stop();
      };
      return { work: served.watch.run(signal), stop };
    },
  };
  return {
    run: (signal) => runRoles([role], log, signal),
    close: () => Promise.resolve(),
  };
}

/**
 * What administrators see of a service, in its process; it does what the commands do, by the same functions. Where it cannot
 * listen the service works all the same.
 */
export function dashboardRole(
  config: Config,
  dashboard: NonNullable<Config['dashboard']>,
  surroundings: Surroundings,
): Role {
  const { clock, log } = surroundings;
  const { listen } = dashboard;
  const entra = entraOf(config, surroundings);
  const house = houseOf(config, surroundings, refusePlan);
  const served = createDashboard({ ...surroundings, house, dashboard, entra, folder: config.data });
  let server: RunningDashboard | null = null;
  async function work(signal: AbortSignal): Promise<void> {
    server = await listenPatiently(served.app, { listen, clock, log }, signal);
    if (server === null) return;
    log.tell('dashboard-listens', { host: listen.host, port: server.port });
    await served.watch.run(signal);
  }
  async function stop(): Promise<void> {
    served.stop();
    await server?.stop();
  }
  return { name: 'dashboard', start: (signal) => Promise.resolve({ work: work(signal), stop }) };
}
