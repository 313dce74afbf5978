import type { JobConfig } from '../../kit/config/config.ts';
import { certificate } from './certificate.ts';
import type { Check, Examined, ExaminedJob, ExaminedTenant } from './check.ts';
import { groups, mailbox } from './directory-job.ts';
import { exchange } from './exchange.ts';
import { dataFolder, files, node, version } from './host.ts';
import { hub, members } from './mirror.ts';
import { handshake, tls } from './public-url.ts';
import { signIn } from './sign-in.ts';
import { ledger, queue } from './stores.ts';
import { subscriptions } from './subscriptions.ts';
import { clock, permissions, token } from './tenant.ts';

/* Every precondition, in the order in which it is looked at: what others stand on comes first. */

export const HOST_CHECKS: readonly Check<Examined>[] = [version, node, files, dataFolder, ledger, queue];

/** Of each tenant. */
export const TENANT_CHECKS: readonly Check<ExaminedTenant>[] = [certificate, clock, token, permissions];

/** Of each job, by its kind. */
export const JOB_CHECKS: Readonly<Record<JobConfig['kind'], readonly Check<ExaminedJob>[]>> = {
  directory: [groups, mailbox],
  'cross-tenant': [groups, exchange],
  mirror: [groups, hub, members, mailbox],
};

/** How Graph reaches us, and administrators. */
export const ARRIVAL_CHECKS: readonly Check<Examined>[] = [tls, handshake, signIn];

/** Of each tenant, when everything before is well. */
export const LAST_CHECKS: readonly Check<ExaminedTenant>[] = [subscriptions];
