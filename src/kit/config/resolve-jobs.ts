import type { CrossTenantJobConfig, DirectoryJobConfig, JobConfig, MirrorJobConfig } from './config.ts';
import { filledBy, toContactMapping } from './cross-tenant.ts';
import { toMapping } from './fields.ts';
import type { FileValues } from './file.ts';
import type { CrossTenantValues, DirectoryValues, MirrorValues } from './jobs.ts';
import { demandTenant, report, type Located, type Resolving } from './references.ts';

/** Checks what takes more of the file than the job itself. */
export function resolveJobs(values: FileValues, resolving: Resolving): JobConfig[] {
  refuseSharedFolders(values, resolving);
  return values.jobs.map((job) => {
    switch (job.kind) {
      case 'directory':
        return directoryJob(job, values, resolving);
      case 'cross-tenant':
        return crossTenantJob(job, values, resolving);
      case 'mirror':
        return mirrorJob(job, values, resolving);
    }
  });
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

function mirrorJob(job: MirrorValues, values: FileValues, resolving: Resolving): MirrorJobConfig {
  const { tenant, hub, members: read, ...rest } = job;
  demandTenant(tenant, values, resolving);
  const { folder, ...members } = read;
  if (folder?.value.toLowerCase() === 'contacts')
    report(
      resolving,
      folder.place,
      'Contacts is what every mailbox has: leave the key out, or name a folder beside it',
    );
  return {
    ...rest,
    tenant: tenant.value,
    tenantPlace: tenant.place,
    members: { ...members, ...(folder === null ? {} : { folder: folder.value }) },
    hub: { mailbox: hub.mailbox, folder: hub.folder.value },
  };
}

/** The folders that a job has in mailboxes, and in which; null: there is no telling, it may be any. */
function foldersOf(
  job: FileValues['jobs'][number],
): readonly { readonly folder: Located<string>; readonly mailbox: string | null }[] {
  if (job.kind === 'directory') return [{ folder: job.folder, mailbox: null }];
  if (job.kind !== 'mirror') return [];
  const { members, hub } = job;
  return [
    { folder: hub.folder, mailbox: hub.mailbox },
    ...(members.folder === null ? [] : [{ folder: members.folder, mailbox: null }]),
  ];
}

/** A mailbox has no two folders of one name side by side, in whatever case: the second job could not make its own. */
function refuseSharedFolders({ jobs }: FileValues, resolving: Resolving): void {
  const seen = new Map<string, { readonly id: string; readonly mailbox: string | null }[]>();
  for (const { job, folder, mailbox } of jobs.flatMap((one) =>
    foldersOf(one).map((own) => ({ job: one, ...own })),
  )) {
    const name = `${job.tenant.value}|${folder.value.toLowerCase()}`;
    const others = seen.get(name) ?? [];
    const other = others.find(
      (one) => one.id !== job.id && (one.mailbox === null || mailbox === null || one.mailbox === mailbox),
    );
    if (other !== undefined)
      report(
        resolving,
        folder.place,
        `the job ${other.id} of the same tenant has a folder of this name: give each its own`,
      );
    seen.set(name, [...others, { id: job.id, mailbox }]);
  }
}
