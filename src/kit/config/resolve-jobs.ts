import type { CrossTenantJobConfig, DirectoryJobConfig, JobConfig, MirrorJobConfig } from './config.ts';
import { filledBy, toContactMapping } from './cross-tenant.ts';
import { toMapping } from './fields.ts';
import type { CrossTenantValues, DirectoryValues, FileValues, MirrorValues } from './file.ts';
import { nearMiss } from './near-miss.ts';
import { report, type Located, type Resolving } from './references.ts';

/** Checks what takes more of the file than the job itself. */
export function resolveJobs(values: FileValues, resolving: Resolving): JobConfig[] {
  refuseSharedFolders(values, resolving);
  return values.jobs.map((job) => {
    if (job.kind === 'directory') return directoryJob(job, values, resolving);
    return job.kind === 'mirror' ? mirrorJob(job, values, resolving) : crossTenantJob(job, values, resolving);
  });
}

function mirrorJob(
  { tenant, ...job }: MirrorValues,
  values: FileValues,
  resolving: Resolving,
): MirrorJobConfig {
  demandTenant(tenant, values, resolving);
  return { ...job, tenant: tenant.value, tenantPlace: tenant.place };
}

function directoryJob(job: DirectoryValues, values: FileValues, resolving: Resolving): DirectoryJobConfig {
  demandTenant(job.tenant, values, resolving);
  const { id, kind, source, target, folder, adopt, ownContact, guard } = job;
  if (source.mailGroups !== undefined)
    report(
      resolving,
      job.tenant.place,
      'groups are shown as contacts in another tenant alone: kind: cross-tenant',
    );
  return {
    id,
    kind,
    tenant: job.tenant.value,
    tenantPlace: job.tenant.place,
    source,
    target,
    folder: folder.value,
    ...(adopt.cync || adopt.folder !== null ? { adopt: { cync: adopt.cync, folder: adopt.folder } } : {}),
    ownContact,
    mapping: toMapping(job, (place, message) => report(resolving, place, message)),
    guard,
  };
}

function crossTenantJob(
  job: CrossTenantValues,
  values: FileValues,
  resolving: Resolving,
): CrossTenantJobConfig {
  const { id, kind, tenant, source, adopt, guard, grace, target } = job;
  const tell = (message: string): void => report(resolving, tenant.place, message);
  demandTenant(tenant, values, resolving);
  const to = demandTenant(target.tenant, values, resolving);
  const from = values.tenants.find((one) => one.id === tenant.value);
  const at = target.tenant.place;
  if (target.tenant.value === tenant.value)
    report(resolving, at, 'expected another tenant than the one whose people are shown');
  else if (to !== undefined && to.exchange === null)
    report(resolving, at, `the tenant ${to.id} needs the key exchange: an empty map takes the defaults`);
  else if (to?.exchange?.driver === 'pwsh' && to.exchange.organization === null)
    report(resolving, at, `the tenant ${to.id} needs exchange.organization: PowerShell asks for it`);
  else if (to !== undefined && typeof to.cloud === 'object' && to.cloud.exchange === null)
    report(resolving, at, `the cloud of the tenant ${to.id} names no origin of Exchange Online`);
  if (source.include?.includes('guests'))
    tell('guests are never shown in another tenant: they are colleagues of somebody else');
  if (source.orgContacts !== undefined)
    tell('contacts of the organisation are not shown in another tenant: two such jobs would feed each other');
  const mapping = toContactMapping(job, (place, message) => report(resolving, place, message));
  const mark = to?.exchange?.mark ?? '';
  if (filledBy(mapping).has(mark.replace(/^C/, 'c')))
    tell(`${mark} bears the mark in the tenant ${target.tenant.value}: it cannot be a field as well`);
  return {
    id,
    kind,
    tenant: tenant.value,
    tenantPlace: tenant.place,
    sourceTenantId: from?.tenantId.value ?? '',
    target: { tenant: target.tenant.value },
    source,
    adopt,
    mapping,
    guard,
    graceMs: grace,
  };
}

function demandTenant(
  tenant: Located<string>,
  values: FileValues,
  resolving: Resolving,
): FileValues['tenants'][number] | undefined {
  const found = values.tenants.find(({ id }) => id === tenant.value);
  if (found !== undefined) return found;
  const known = values.tenants.map(({ id }) => id);
  const meant = nearMiss(tenant.value, known);
  const help = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`;
  report(resolving, tenant.place, `no such tenant in this file: ${help}`);
  return undefined;
}

/** A mailbox has no two folders of one name side by side, in whatever case: the second job could not make its own. */
function refuseSharedFolders({ jobs }: FileValues, resolving: Resolving): void {
  const seen = new Map<string, string>();
  for (const job of jobs) {
    if (job.kind !== 'directory') continue;
    const { id, tenant, folder } = job;
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
