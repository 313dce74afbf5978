import type { Kysely } from 'kysely';
import { memberKind } from './codes.ts';
import { identityRows } from './people.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/** Recursions unite with `union`, never `union all`: what was reached before is not followed again, so cycles end. */

/** Tracked groups that contain each of these people, directly or through nested groups. */
export async function groupsAbove(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, identities }: { tenant: string; identities: Iterable<string> },
): Promise<Map<string, Set<string>>> {
  const wanted = [...identities];
  const found = await db
    .withRecursive('above', (cte) =>
      cte
        .selectFrom(identityRows(rows, wanted).as('w'))
        .innerJoin('members as m', 'm.member', 'w.identity')
        .innerJoin('tracked as t', 't.key', 'm.container')
        .where('t.tenant', '=', tenant)
        .select(['w.identity', 't.group_id'])
        .union(
          cte
            .selectFrom('above as a')
            .innerJoin('members as m', 'm.member', 'a.group_id')
            .innerJoin('tracked as t', 't.key', 'm.container')
            .where('t.tenant', '=', tenant)
            .select(['a.identity', 't.group_id']),
        ),
    )
    .selectFrom('above')
    .selectAll()
    .execute();
  const groups = new Map(wanted.map((identity) => [identity, new Set<string>()]));
  for (const { identity, group_id: group } of found) groups.get(identity)?.add(group);
  return groups;
}

/** These groups and every group nested in them, as far as they are known. */
export async function groupsBelow(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, groups }: { tenant: string; groups: Iterable<string> },
): Promise<Set<string>> {
  const found = await db
    .withRecursive('below', (cte) =>
      cte
        .selectFrom(identityRows(rows, groups).as('w'))
        .select('w.identity as group_id')
        .union(
          cte
            .selectFrom('below as b')
            .innerJoin('tracked as t', (join) =>
              join.onRef('t.group_id', '=', 'b.group_id').on('t.tenant', '=', tenant),
            )
            .innerJoin('members as m', 'm.container', 't.key')
            .where('m.kind', '=', memberKind.of('group'))
            .select('m.member as group_id'),
        ),
    )
    .selectFrom('below')
    .selectAll()
    .execute();
  return new Set(found.map((row) => row.group_id));
}

/** People in these very groups, nested ones not followed. */
export async function peopleIn(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, groups }: { tenant: string; groups: Iterable<string> },
): Promise<string[]> {
  const found = await db
    .selectFrom(identityRows(rows, groups).as('w'))
    .innerJoin('tracked as t', (join) =>
      join.onRef('t.group_id', '=', 'w.identity').on('t.tenant', '=', tenant),
    )
    .innerJoin('members as m', 'm.container', 't.key')
    .where('m.kind', '=', memberKind.of('person'))
    .select('m.member')
    .distinct()
    .execute();
  return found.map((row) => row.member);
}
