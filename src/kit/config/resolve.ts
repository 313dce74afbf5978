import path from 'node:path';
import type { Config, JobConfig, NotificationsConfig, TenantConfig } from './config.ts';
import { toMapping } from './fields.ts';
import type { FileValues } from './file.ts';
import { nearMiss } from './near-miss.ts';
import { follow, report, type Located, type Resolving } from './references.ts';
import { resolveCredential } from './resolve-credential.ts';
import type { Secret, SecretReference } from './secret.ts';

/** Even as hex digits, 32 characters hold 128 bits: out of reach for guessing. */
const SHORTEST_KEY = 32;

/** Follows references, checks what takes more than one value, and names things as the program does. */
export function resolve(values: FileValues, resolving: Resolving): Config {
  const { secondLook, subscriptionCheck, poll, gatewayTimeout } = values.timing;
  refuseSharedFolders(values, resolving);
  return {
    file: resolving.file,
    tenants: tenants(values, resolving),
    jobs: values.jobs.map((job) => toJob(job, values, resolving)),
    notifications: notifications(values, resolving),
    data: path.resolve(path.dirname(resolving.file), values.data),
    deployment: values.deployment,
    fingerprintKey: values.fingerprintKey === null ? null : key(values.fingerprintKey, resolving),
    sweep: { ...values.sweep.at, timeZone: values.sweep.timeZone },
    audit: { nights: values.audit.nights === 0 ? null : values.audit.nights },
    limits: values.limits,
    timing: {
      secondLookMs: secondLook[0] ?? 0,
      quietLookMs: secondLook[1] ?? 0,
      subscriptionCheckMs: subscriptionCheck,
      pollMs: poll,
      gatewayTimeoutMs: gatewayTimeout,
    },
    marks: marks(values, resolving),
    removal: values.removal,
    policy: values.policy,
    log: values.log,
    onlyJob: null,
  };
}

function tenants(values: FileValues, resolving: Resolving): TenantConfig[] {
  const seen = new Set<string>();
  return values.tenants.map(({ id, tenantId, clientId, cloud, credential, allowClientSecret }) => {
    if (seen.has(tenantId.value))
      report(
        resolving,
        tenantId.place,
        'another tenant of this file has the same id: a notification must belong to one',
      );
    seen.add(tenantId.value);
    return {
      id,
      tenantId: tenantId.value,
      clientId,
      cloud,
      credential: resolveCredential(credential, { clientSecret: allowClientSecret }, resolving),
    };
  });
}

function toJob(job: FileValues['jobs'][number], values: FileValues, resolving: Resolving): JobConfig {
  const known = values.tenants.map(({ id }) => id);
  if (!known.includes(job.tenant.value)) {
    const meant = nearMiss(job.tenant.value, known);
    const help = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`;
    report(resolving, job.tenant.place, `no such tenant in this file: ${help}`);
  }
  const { id, kind, source, target, folder, adopt, ownContact, guard } = job;
  return {
    id,
    kind,
    tenant: job.tenant.value,
    source,
    target,
    folder: folder.value,
    ...(adopt.cync || adopt.folder !== null ? { adopt: { cync: adopt.cync, folder: adopt.folder } } : {}),
    ownContact,
    mapping: toMapping(job, (place, message) => report(resolving, place, message)),
    guard,
  };
}

/** A mailbox has no two folders of one name side by side, in whatever case: the second job could not make its own. */
function refuseSharedFolders({ jobs }: FileValues, resolving: Resolving): void {
  const seen = new Map<string, string>();
  for (const { id, tenant, folder } of jobs) {
    const name = `${tenant.value}|${folder.value.toLowerCase()}`;
    const other = seen.get(name);
    if (other !== undefined)
      report(
        resolving,
        folder.place,
        `the job ${other} of the same tenant has a folder of this name: give each its own`,
      );
    seen.set(name, other ?? id);
  }
}

function notifications(values: FileValues, resolving: Resolving): NotificationsConfig | null {
  if (values.notifications === null) return null;
  const { publicUrl, listen, clientStateKey, previousClientStateKey } = values.notifications;
  return {
    publicUrl,
    listen,
    clientStateKey: key(clientStateKey, resolving),
    previousClientStateKey: previousClientStateKey === null ? null : key(previousClientStateKey, resolving),
  };
}

/** Open extensions do not exist in the Chinese cloud (Microsoft Graph, open extensions: national cloud deployments). */
function marks(values: FileValues, resolving: Resolving): Config['marks'] {
  const inChina = values.tenants.some(({ cloud }) => cloud === 'china');
  if (inChina && values.marks?.value === 'both') {
    report(
      resolving,
      values.marks.place,
      'expected extendedProperty: the Chinese cloud has no open extensions',
    );
  }
  return values.marks?.value ?? (inChina ? 'extendedProperty' : 'both');
}

function key(located: Located<SecretReference>, resolving: Resolving): Secret {
  const secret = follow(located, resolving);
  if (secret.isRead && secret.text().length < SHORTEST_KEY) {
    report(
      resolving,
      located.place,
      `what ${secret.reference} holds is too short: expected ${SHORTEST_KEY} characters or more`,
    );
  }
  return secret;
}
