import type { House } from '../dashboard/house.ts';
import type { Config } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import { toldOf } from '../kit/told.ts';
import { Fault } from '../model/fault.ts';
import { approveSeen } from './approvals.ts';
import { createLook } from './dashboard-look.ts';
import { explain } from './explain/explain.ts';
import { dropGivenUp, listGivenUp, retryGivenUp } from './given-up/orders.ts';
import { beginRevert, pause, resume, retry } from './orders.ts';
import { known } from './known.ts';
import type { Surroundings } from './service.ts';

/** The program as the dashboard asks it. */
export function houseOf(config: Config, surroundings: Surroundings, plan: House['plan']): House {
  return {
    look: createLook(config, { clock: surroundings.clock, said: saidOf }),
    known: () => known(config),
    approve: (job, seen) => approveSeen(config, job, seen),
    pause: (scope) => pause(config, scope),
    resume: (scope) => resume(config, scope),
    revert: (job) => beginRevert(config, job),
    retry: (mailbox) => retry(config, mailbox),
    givenUp: () => listGivenUp(config, surroundings),
    retryGivenUp: (id) => retryGivenUp(config, surroundings, id),
    dropGivenUp: (id) => dropGivenUp(config, surroundings, id),
    plan,
    explain: (asked) => explain(config, surroundings, asked),
    said: saidOf,
  };
}

/** Messages of ours are constants with ids; of anything else only its name and place are told. */
function saidOf(error: unknown): string {
  if (error instanceof DataFolderFault) return error.message;
  if (!(error instanceof Fault)) return `a defect, ${toldOf(error)}; the log has more`;
  const code = [error.status, error.code].filter((part) => part !== undefined).join(' ');
  return code === '' ? error.message : `${error.message} (${code})`;
}
