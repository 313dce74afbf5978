import type { IdentityConfig } from './credential-config.ts';
import type { Place } from './cursor.ts';
import type { FileValues } from './file.ts';
import { absoluteOf, follow, report, type Resolving } from './references.ts';
import { managedIdentity, workloadIdentity } from './resolve-credential.ts';
import type { LedgerValues, QueueValues } from './stores.ts';
import type { LedgerConfig, QueueConfig, ServiceBusConfig } from './stores-config.ts';

type ServiceBusValues = Exclude<QueueValues['value'], string>['value'];

/** Follows what the queue refers to. Reports what is missing or does not go together. */
export function resolveQueue({ value, place }: QueueValues, resolving: Resolving): QueueConfig {
  if (typeof value === 'string') return { kind: value };
  const { changes, writes, buckets } = value.value;
  if (changes === writes) report(resolving, place, 'changes and writes must be two queues');
  return { kind: 'serviceBus', access: accessOf(value.value, place, resolving), buckets, changes, writes };
}

function accessOf(
  { namespace, connectionString, credential }: ServiceBusValues,
  place: Place,
  resolving: Resolving,
): ServiceBusConfig['access'] {
  if ((namespace === null) === (connectionString === null)) {
    report(resolving, place, 'expected one of namespace and connectionString');
  } else if (connectionString !== null && credential !== null) {
    report(resolving, credential.place, 'a connection string brings its own key: remove one of the two');
  }
  if (connectionString !== null)
    return { kind: 'connectionString', text: follow(connectionString, resolving) };
  const identity =
    credential === null
      ? managedIdentity(null, place, resolving)
      : identityOf(credential, 'the namespace', resolving);
  return { kind: 'identity', namespace: namespace ?? '', identity };
}

function identityOf(
  { value: given, place }: NonNullable<ServiceBusValues['credential']>,
  what: string,
  resolving: Resolving,
): IdentityConfig {
  if (given.key === 'managedIdentity') return managedIdentity(given.value.clientId, place, resolving);
  return workloadIdentity({ ...given.value, what }, place, resolving);
}

/** Follows what the ledger refers to. */
export function resolveLedger({ value }: LedgerValues, resolving: Resolving): LedgerConfig {
  if (typeof value === 'string') return { kind: value };
  const { pool, ca, credential, statementTimeout } = value.value;
  const absolute = ca === null ? null : absoluteOf(ca.value, resolving);
  if (ca !== null && absolute !== null && resolving.secrets === 'read')
    follow({ value: { from: 'file', name: absolute }, place: ca.place }, resolving);
  const url = follow(value.value.url, resolving);
  const identity = credential === null ? null : identityOf(credential, 'the database', resolving);
  if (credential !== null && url.isRead && (URL.parse(url.text())?.password ?? '') !== '')
    report(resolving, credential.place, 'the url brings its own password: remove one of the two');
  return {
    kind: 'postgres',
    url,
    identity,
    pool,
    ca: absolute,
    statementTimeoutMs: statementTimeout,
  };
}

/**
 * A queue that several processes share holds work for one ledger, and a ledger that they share trusts that one process at a
 * time writes to a mailbox, which only a shared queue can promise: half of each would lose or double work.
 */
export function refuseHalfShared(
  { queue, ledger, deployment, fingerprintKey }: FileValues,
  resolving: Resolving,
): void {
  const [shared, common] = [typeof queue.value !== 'string', typeof ledger.value !== 'string'];
  if (shared && !common)
    report(
      resolving,
      queue.place,
      'serviceBus is for several processes, and they take a ledger that all of them reach: ledger: { postgres: ... }',
    );
  if (common && !shared)
    report(
      resolving,
      ledger.place,
      'postgres is for several processes, and they take a queue that all of them reach: queue: { serviceBus: ... }',
    );
  if (common && (deployment === null || fingerprintKey === null))
    report(
      resolving,
      ledger.place,
      'postgres takes deployment and fingerprintKey in this file: several processes need the same, and no data folder keeps them',
    );
}
