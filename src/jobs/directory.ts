import { createHash } from 'node:crypto';
import type { JobConfig, TargetConfig } from '../kit/config/config.ts';
import type { Person } from '../model/person.ts';
import type { Route } from '../model/route.ts';
import { optOutGroups, shapedBy } from './mapping.ts';

/** Raised when the mapping's meaning or the rules below change: then everybody is shaped anew after an upgrade. */
const RULES_VERSION = 1;

/** The `directory` job: people of a tenant's groups, in a managed folder of that tenant's mailboxes. */
export function directoryRoutes(job: JobConfig): Route[] {
  const sources = new Set(job.source.groups);
  return [
    {
      id: job.id,
      job: job.id,
      sourceTenant: job.tenant,
      targetTenant: job.tenant,
      groups: {
        source: job.source.groups,
        target: job.target.kind === 'groups' ? job.target.groups : [],
        shape: optOutGroups(job.mapping),
      },
      shows: (person, memberOf) => belongsOnAPhone(person) && !memberOf.isDisjointFrom(sources),
      receives: receiver(job.target),
      ...shapedBy(job.mapping),
      photo: job.mapping.photos,
      folder: job.folder,
      guard: job.guard,
      definition: definitionOf(job),
    },
  ];
}

/** A disabled account is somebody who left or nobody at all; a guest is a colleague of somebody else. */
function belongsOnAPhone(person: Person): boolean {
  return person.accountEnabled !== false && !isGuest(person);
}

function receiver(target: TargetConfig): Route['receives'] {
  if (target.kind === 'users') {
    const users = new Set(target.users);
    return (person) => users.has(person.id);
  }
  if (target.kind === 'groups') {
    const groups = new Set(target.groups);
    return (person, memberOf) => !isGuest(person) && !memberOf.isDisjointFrom(groups);
  }
  return (person) => !isGuest(person) && person.licences > 0;
}

function isGuest(person: Person): boolean {
  return person.userType?.toLowerCase() === 'guest';
}

function definitionOf({ tenant, source, target, mapping }: JobConfig): string {
  const definition = JSON.stringify([RULES_VERSION, tenant, source.groups.toSorted(), target, mapping]);
  return createHash('sha256').update(definition).digest('hex').slice(0, 32);
}
