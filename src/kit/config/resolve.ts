import path from 'node:path';
import type { Config, NotificationsConfig, ReadingConfig, SecretPart, TenantConfig } from './config.ts';
import type { FileValues } from './file.ts';
import type { Problem } from './cursor.ts';
import { resolveDashboard } from './dashboard.ts';
import { follow, report, type Located, type Resolving } from './references.ts';
import { resolveJobs } from './resolve-jobs.ts';
import { resolveCredential } from './resolve-credential.ts';
import { refuseHalfShared, resolveLedger, resolveQueue } from './resolve-stores.ts';
import type { Secret, SecretReference } from './secret.ts';

/** Even as hex digits, 32 characters hold 128 bits: out of reach for guessing. */
const SHORTEST_KEY = 32;

/** Follows references, checks what takes more than one value, and names things as the program does. */
export function resolve(
  values: FileValues,
  reading: ReadingConfig & { readonly problems: Problem[] },
): Config {
  const resolving = of('tenants', reading);
  const { secondLook, subscriptionCheck, poll, gatewayTimeout } = values.timing;
  refuseHalfShared(values, resolving);
  return {
    file: resolving.file,
    tenants: tenants(values, resolving),
    jobs: resolveJobs(values, resolving),
    notifications: notifications(values, of('clientState', reading)),
    queue: resolveQueue(values.queue, of('queue', reading)),
    ledger: resolveLedger(values.ledger, of('ledger', reading)),
    health: values.health,
    dashboard: resolveDashboard(values.dashboard, values, resolving),
    data: path.resolve(path.dirname(resolving.file), values.data),
    deployment: values.deployment,
    fingerprintKey:
      values.fingerprintKey === null ? null : key(values.fingerprintKey, of('fingerprints', reading)),
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
    compliance: values.compliance,
    onlyJob: null,
  };
}

/** The reading of one part of the file. */
function of(
  part: SecretPart,
  { secrets, ...reading }: ReadingConfig & { readonly problems: Problem[] },
): Resolving {
  const isRead = typeof secrets === 'string' ? secrets === 'read' : secrets.includes(part);
  return { ...reading, secrets: isRead ? 'read' : 'unread' };
}

function tenants(values: FileValues, resolving: Resolving): TenantConfig[] {
  const seen = new Set<string>();
  return values.tenants.map(({ id, tenantId, clientId, cloud, credential, exchange, allowClientSecret }) => {
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
      exchange,
    };
  });
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

/**
 * Open extensions do not exist in the Chinese cloud (Microsoft Graph, open extensions: national cloud deployments): a tenant
 * there does without, whatever is chosen for the others. Where all are there, the choice would mean nothing.
 */
function marks(values: FileValues, resolving: Resolving): Config['marks'] {
  const inChina = values.tenants.every(({ cloud }) => cloud === 'china');
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
