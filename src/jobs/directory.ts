import { createHash } from 'node:crypto';
import type { JobConfig } from '../kit/config/config.ts';
import type { AdoptRule, Route } from '../model/route.ts';
import { optOutGroups, shapedBy } from './mapping.ts';
import { sourceScope, targetScope } from './scope.ts';

/** Raised when the meaning of mappings or of scopes changes: then everybody is shaped anew after an upgrade. */
const RULES_VERSION = 2;

/** The `directory` job: people of a tenant, in a managed folder of that tenant's mailboxes. */
export function directoryRoutes(job: JobConfig): Route[] {
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
      barring: [...source.barring, ...target.barring],
      shows: source.has,
      receives: target.has,
      first: job.target.first ?? null,
      ownContact: job.ownContact ?? false,
      ...shape,
      reads: [...new Set([...shape.reads, ...source.reads, ...target.reads])],
      folder: job.folder,
      guard: job.guard,
      adopt: adoptRule(job.adopt),
      definition: definitionOf(job),
    },
  ];
}

/** The name of CYNC's open extension; what stands in it is not published, so any text in it may be the person's id. */
const CYNC = 'com.itbaer.cync';

function adoptRule(adopt: JobConfig['adopt']): AdoptRule | null {
  return adopt ? { foreignMark: adopt.cync ? CYNC : null, folder: adopt.folder } : null;
}

/** Everything that decides who is shown to whom, and as what: a change of any of it leads to one round over everybody. */
function definitionOf({ tenant, source, target, mapping, ownContact = false }: JobConfig): string {
  const scope = sorted({ version: RULES_VERSION, tenant, source, target, ownContact });
  const definition = JSON.stringify([scope, mapping]);
  return createHash('sha256').update(definition).digest('hex').slice(0, 32);
}

/** The same meaning is the same text: neither the order of keys nor that of lists says anything in a scope. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sorted(one)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
