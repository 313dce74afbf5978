import type { Config, TenantConfig } from '../../kit/config/config.ts';
import { many } from '../../kit/counted.ts';
import { DAY_MS, tracesMs } from '../retention.ts';
import { neededIn } from '../doctor/needs.ts';
import type { Kept, Safeguard } from './report.ts';

const IDS = 'object ids of people, mailboxes and groups, ids of items and folders';

/** What stays with the service. None of it is a name, a number or an address. */
export function keptBy({ ledger, queue, compliance: { record, logs } }: Config): Kept[] {
  return [
    {
      where: ledger.kind === 'sqlite' ? 'ledger (SQLite file in the data folder)' : 'ledger (PostgreSQL)',
      what: `${IDS}; keyed fingerprints of contacts, and of what shared contacts are met by; revisions and times`,
      until:
        'as long as the contact is kept; of people who are shown no longer the object id and the last fingerprint, until their job is withdrawn',
    },
    {
      where: queue.kind === 'sqlite' ? 'queue (SQLite file in the data folder)' : 'queue (Azure Service Bus)',
      what: 'object ids of what is to be looked at',
      until: 'until the work is done; what was given up, until "dead retry" or "dead drop"',
    },
    {
      where: 'people who are kept out (in the ledger, and in compliance.keepOut)',
      what: 'of whom was erased the object id, or the SyncId and keyed digests of what a shared contact is met by; since when',
      until:
        'until "subject --restore", or the line leaves the configuration: without them nobody stays erased',
    },
    {
      where: 'record of writes (in the ledger)',
      what:
        record.days === 0
          ? 'nothing: compliance.record.days is 0'
          : 'time, operation, mailbox, item, person, job, names of fields, outcome: ids and names only',
      until: record.days === 0 ? 'not kept' : `for ${many(record.days, 'day')}`,
    },
    {
      where: 'what became of changes (in the ledger)',
      what:
        record.days === 0
          ? 'nothing: compliance.record.days is 0'
          : 'time, object id of whom or what was looked at, why, and whether there was anything new',
      until: record.days === 0 ? 'not kept' : `for ${many(tracesMs(record.days * DAY_MS) / DAY_MS, 'day')}`,
    },
    {
      where: 'logs (standard error)',
      what: 'ids, counts, names of fields and reasons',
      until: logs ?? 'as whatever collects them is told: to be filled in (compliance.logs)',
    },
    {
      where: 'memory of the service',
      what: 'the contacts that are being written, and a bounded number of those of before',
      until: 'the process ends, at the latest',
    },
  ];
}

const CREDENTIALS: Readonly<Record<TenantConfig['credential']['kind'], string>> = {
  certificate: 'a certificate, its key in a file for the user of the service alone',
  pfx: 'a certificate in a PFX file',
  keyVault: 'a certificate in Azure Key Vault; the key never leaves it',
  windowsStore: 'a certificate in the Windows store',
  managedIdentity: 'a managed identity: no secret is kept',
  workloadIdentity: 'a federated credential: no secret is kept',
  clientSecret: 'a client secret, by an explicit choice (allowClientSecret)',
};

/** Technical and organisational measures, as they are configured. */
export function safeguardsOf(config: Config): Safeguard[] {
  const { tenants, jobs, notifications, ledger, queue } = config;
  return [
    ...tenants.map(({ id, credential }) => ({
      what: `Credential in the tenant ${id}`,
      how: CREDENTIALS[credential.kind],
    })),
    ...tenants.flatMap(({ id }) =>
      neededIn(id, config).map(({ name, why, byExchange }) => ({
        what: `Permission ${name} in the tenant ${id}`,
        how: `${why}${byExchange === true ? '; can be limited to some mailboxes (RBAC for Applications)' : ''}`,
      })),
    ),
    ...jobs.map(({ id, guard: { count, percent } }) => ({
      what: `Guard of the job ${id}`,
      how: `removals beyond ${count} and ${percent} percent in 24 hours wait for a person`,
    })),
    {
      what: 'Pseudonymisation',
      how: 'contacts are kept as HMAC-SHA-256 fingerprints under a key of this installation; without it numbers and addresses cannot be tried out',
    },
    {
      what: 'Encryption on the way',
      how: `TLS to Microsoft${queue.kind === 'sqlite' ? '' : ', to Azure Service Bus'}${ledger.kind === 'sqlite' ? '' : ', and to PostgreSQL as its url says'}; tokens go to no other host`,
    },
    {
      what: 'Access to what is kept',
      how:
        ledger.kind === 'sqlite'
          ? 'the data folder is for the user of the service alone (0700, files 0600), and locked against a second process'
          : 'by the roles of the database and of the bus; the receiver reads neither ledger nor directory',
    },
    {
      what: 'What arrives from outside',
      how:
        notifications === null
          ? 'nothing: no port is open, changes are asked for'
          : `notifications of Microsoft alone, each with a MAC, at ${notifications.publicUrl}; they name what to look at and hold no value of anybody`,
    },
    {
      what: 'Nothing foreign is touched',
      how: 'only items that bear the mark of this installation are changed or removed; everything can be taken back with "revert"',
    },
  ];
}
