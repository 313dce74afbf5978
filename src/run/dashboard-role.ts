import { createDashboard } from '../dashboard/app.ts';
import type { House } from '../dashboard/house.ts';
import { startDashboard } from '../dashboard/server.ts';
import type { Config } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import type { Listen } from '../kit/config/web.ts';
import { toldOf } from '../kit/told.ts';
import { Fault } from '../model/fault.ts';
import { approveSeen } from './approvals.ts';
import { concernsOf } from './concerns.ts';
import { dryRun } from './dry-run.ts';
import { explain } from './explain/explain.ts';
import { dropGivenUp, listGivenUp, retryGivenUp } from './given-up/orders.ts';
import { beginRevert, pause, resume, retry } from './orders.ts';
import { known } from './known.ts';
import { meaningOf } from './parked-reason.ts';
import { runRoles, type Role } from './roles.ts';
import type { Running, Surroundings } from './service.ts';
import { readStatus } from './status.ts';

/** The dashboard as a process of its own: it takes no lock, and looks on while others work, start and stop. */
export function openDashboard(config: Config, surroundings: Surroundings): Running {
  const { dashboard } = config;
  if (dashboard === null) throw new Error('A dashboard takes an address to listen on.');
  const role = dashboardRole(config, dashboard, surroundings);
  return {
    run: (signal) => runRoles([role], surroundings.log, signal),
    close: () => Promise.resolve(),
  };
}

/** What administrators see; it does what the commands do, by the same functions. */
export function dashboardRole(
  config: Config,
  { listen }: { readonly listen: Listen },
  surroundings: Surroundings,
): Role {
  const { clock, random, log } = surroundings;
  const house = houseOf(config, surroundings);
  const dashboard = createDashboard({ house, listen, folder: config.data, clock, random, log });
  return {
    name: 'dashboard',
    start: async (signal) => {
      const server = await startDashboard(dashboard.app, listen);
      log.info('dashboard listens; sign in with: contact-sync dashboard link', {
        host: listen.host,
        port: server.port,
      });
      return {
        work: dashboard.watch.run(signal),
        stop: () => {
          dashboard.stop();
          return server.stop();
        },
      };
    },
  };
}

function houseOf(config: Config, surroundings: Surroundings): House {
  // Whoever asks while one is being made gets the same.
  const plans = new Map<string, ReturnType<typeof dryRun>>();
  return {
    look: async () => {
      try {
        const status = await readStatus(config);
        const parked = status.parked.map((one) => ({ ...one, reason: meaningOf(one.reason) }));
        return { status: { ...status, parked }, concerns: concernsOf(status) };
      } catch (error) {
        const what = `How things stand cannot be read: ${saidOf(error)}`;
        const remedy = 'it is tried again; contact-sync doctor looks at queue and ledger';
        return { status: null, concerns: [{ gravity: 'failed', about: 'service', what, remedy }] };
      }
    },
    known: () => known(config),
    approve: (job, seen) => approveSeen(config, job, seen),
    pause: (scope) => pause(config, scope),
    resume: (scope) => resume(config, scope),
    revert: (job) => beginRevert(config, job),
    retry: (mailbox) => retry(config, mailbox),
    givenUp: () => listGivenUp(config, surroundings),
    retryGivenUp: (id) => retryGivenUp(config, surroundings, id),
    dropGivenUp: (id) => dropGivenUp(config, surroundings, id),
    plan: async (job) => {
      if (!config.jobs.some(({ id }) => id === job)) throw new Fault('invalid', NO_JOB);
      const plan = plans.get(job) ?? dryRun({ ...config, onlyJob: job }, surroundings);
      plans.set(job, plan);
      try {
        return await plan;
      } finally {
        plans.delete(job);
      }
    },
    explain: (asked) => explain(config, surroundings, asked),
    said: saidOf,
  };
}

const NO_JOB = 'there is no such job in the configuration';

/** Messages of ours are constants with ids; of anything else only its name and place are told. */
function saidOf(error: unknown): string {
  if (error instanceof DataFolderFault) return error.message;
  if (!(error instanceof Fault)) return `a defect, ${toldOf(error)}; the log has more`;
  const code = [error.status, error.code].filter((part) => part !== undefined).join(' ');
  return code === '' ? error.message : `${error.message} (${code})`;
}
