import type { House } from '../dashboard/house.ts';
import type { Config } from '../kit/config/config.ts';
import { Fault } from '../model/fault.ts';

type Plan = House['plan'];

/** Plans for a process that does nothing else: one at a time, since each copies the ledger into memory. */
export function onePlan({ jobs }: Pick<Config, 'jobs'>, make: Plan): Plan {
  let underWay: { readonly job: string; readonly plan: ReturnType<Plan> } | null = null;
  return async (job) => {
    if (!jobs.some(({ id }) => id === job)) throw new Fault('invalid', NO_JOB);
    // Whoever asks while one is being made gets the same.
    if (underWay !== null && underWay.job !== job) throw new Fault('unavailable', busyWith(underWay.job));
    underWay ??= {
      job,
      plan: make(job).finally(() => (underWay = null)),
    };
    return underWay.plan;
  };
}

/** In the process of a service: the copy would take its memory, and making it would keep it from its work. */
export const refusePlan: Plan = () => Promise.reject(new Fault('unavailable', NOT_HERE));

const NOT_HERE =
  'this dashboard runs inside the service, and a plan copies the whole ledger into memory, which would keep the service ' +
  'from its work; ask for it with: contact-sync plan, or serve the dashboard by a process of its own: contact-sync run ' +
  '--role dashboard';
const NO_JOB = 'there is no such job in the configuration';

function busyWith(job: string): string {
  return `the plan of ${job} is being made, and only one at a time; ask again when it is there`;
}
