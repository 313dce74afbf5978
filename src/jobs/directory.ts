import type { DirectoryJobConfig } from '../kit/config/config.ts';
import type { AdoptRule, Route } from '../model/route.ts';
import { definitionOf } from './definition.ts';
import { optOutGroups, shapedBy } from './mapping.ts';
import { sourceScope, targetScope } from './scope.ts';

/** Raised when the meaning of mappings or of scopes changes: then everybody is shaped anew after an upgrade. */
const RULES_VERSION = 2;

/** The `directory` job: people of a tenant, in a managed folder of that tenant's mailboxes. */
export function directoryRoutes(job: DirectoryJobConfig): Route[] {
  const source = sourceScope(job.source);
  const target = targetScope(job.target);
  const shape = shapedBy(job.mapping);
  return [
    {
      id: job.id,
      job: job.id,
      sourceTenant: job.tenant,
      targetTenant: job.tenant,
      groups: { source: source.groups, target: target.groups, shape: optOutGroups(job.mapping) },
      units: [...source.units, ...target.units],
      barring: [...source.barring, ...target.barring],
      contacts: job.source.orgContacts !== undefined,
      mailGroups: false,
      shows: source.conditions,
      receives: target.conditions,
      first: job.target.first ?? null,
      ownContact: job.ownContact ?? false,
      ...shape,
      photo: job.mapping.photos,
      reads: [...new Set([...shape.reads, ...source.reads, ...target.reads])],
      folder: job.folder,
      guard: job.guard,
      graceMs: 0,
      adopt: adoptRule(job.adopt),
      shares: null,
      definition: definitionOf(scopeOf(job), job.mapping),
    },
  ];
}

/** The name of CYNC's open extension; what stands in it is not published, so any text in it may be the person's id. */
const CYNC = 'com.itbaer.cync';

function adoptRule(adopt: DirectoryJobConfig['adopt']): AdoptRule | null {
  return adopt ? { foreignMark: adopt.cync ? CYNC : null, folder: adopt.folder } : null;
}

/** A change of any of it leads to one round over everybody. */
function scopeOf({ tenant, source, target, ownContact = false }: DirectoryJobConfig): object {
  return { version: RULES_VERSION, tenant, source, target, ownContact };
}
