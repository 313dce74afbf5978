import type { Kysely } from 'kysely';
import { memberKind } from './codes.ts';
import { identityRows } from './people.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/**
 * Recursions unite with `union`, never `union all`: what was reached before is not followed again, so cycles end. Cross
 * joins keep the list, and what was reached last, in front (people.ts).
 */

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
        .crossJoin('members as m')
        .crossJoin('tracked as t')
        .whereRef('m.member', '=', 'w.identity')
        .whereRef('t.key', '=', 'm.container')
        .where('t.tenant', '=', tenant)
        .select(['w.identity', 't.group_id'])
        .union(
          cte
            .selectFrom('above as a')
            .crossJoin('members as m')
            .crossJoin('tracked as t')
            .whereRef('m.member', '=', 'a.group_id')
            .whereRef('t.key', '=', 'm.container')
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
            .crossJoin('tracked as t')
            .crossJoin('members as m')
            .where('t.tenant', '=', tenant)
            .whereRef('t.group_id', '=', 'b.group_id')
            .whereRef('m.container', '=', 't.key')
            .where('m.kind', '=', memberKind.of('group'))
            .select('m.member as group_id'),
        ),
    )
    .selectFrom('below')
    .selectAll()
    .execute();
  return new Set(found.map((row) => row.group_id));
}

/** Members of these kinds in these very groups, nested ones not followed. */
export async function membersIn(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, groups, kinds }: { tenant: string; groups: Iterable<string>; kinds: readonly number[] },
): Promise<string[]> {
  const found = await db
    .selectFrom(identityRows(rows, groups).as('w'))
    .crossJoin('tracked as t')
    .crossJoin('members as m')
    .where('t.tenant', '=', tenant)
    .whereRef('t.group_id', '=', 'w.identity')
    .whereRef('m.container', '=', 't.key')
    .where('m.kind', 'in', kinds)
    .select('m.member')
    .distinct()
    .execute();
  return found.map((row) => row.member);
}
