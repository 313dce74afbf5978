import type { Kysely } from 'kysely';
import type { GroupMissing } from '../engine/exceptions.ts';
import type { MembershipRound } from '../engine/ledger-books.ts';
import { groupsBelow } from './closure.ts';
import { memberKind } from './codes.ts';
import type { Membership, RoundChanges } from './membership-round.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/*
 * Groups that keep people or fields back (`except`, `optOut`). When the service does not know one any more, that says nothing
 * about its members: they count as members until every job that the group keeps something back for was approved.
 */

/** Groups of the round that the service does not know (any more): deleted, or not named by a full round. */
export function goneIn({ full, groups, differences }: MembershipRound): Set<string> {
  const named = new Set(differences.map(({ group }) => group));
  return new Set([
    ...differences.filter((one) => one.gone).map(({ group }) => group),
    ...(full ? groups.filter((group) => !named.has(group)) : []),
  ]);
}

/** Notes which groups are missing and which are there again; returns those that went missing in this round. */
export async function noteMissing(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, at, differences, ...round }: MembershipRound,
): Promise<GroupMissing[]> {
  const gone = goneIn({ tenant, at, differences, ...round });
  const known = await trackedRows(db, tenant);
  const back = new Set(differences.flatMap(({ group }) => (gone.has(group) ? [] : [group])));
  for (const { key, group_id: group, missing } of known) {
    if (missing === null || !back.has(group)) continue;
    await db.updateTable('tracked').set({ missing: null, kept_for: null }).where('key', '=', key).execute();
  }
  const fresh: GroupMissing[] = [];
  for (const { key, group_id: group, missing } of known) {
    if (missing !== null || !gone.has(group)) continue;
    const keptFor = (await hasMembers(db, key)) ? await jobsAbove(db, rows, { tenant, group, known }) : [];
    const kept = keptFor.length > 0 ? keptFor.join(' ') : null;
    await db.updateTable('tracked').set({ missing: at, kept_for: kept }).where('key', '=', key).execute();
    fresh.push({ group, since: at, keptFor });
  }
  return fresh;
}

/** Without what would take members out of a group that is kept, or such a group out of another. */
export async function withoutKept(
  db: Kysely<Tables>,
  tenant: string,
  { added, removed }: RoundChanges,
): Promise<RoundChanges> {
  const kept = (await trackedRows(db, tenant)).filter((row) => row.kept_for !== null);
  const [containers, groups] = [
    new Set(kept.map(({ key }) => key)),
    new Set(kept.map((row) => row.group_id)),
  ];
  const nested = memberKind.of('group');
  const isKept = ({ container, member, kind }: Membership): boolean =>
    containers.has(container) || (kind === nested && groups.has(member));
  return { added, removed: removed.filter((one) => !isKept(one)) };
}

/** Members of missing groups that no job keeps any more. */
export async function released(db: Kysely<Tables>, tenant: string): Promise<Membership[]> {
  return db
    .selectFrom('tracked as t')
    .innerJoin('members as m', 'm.container', 't.key')
    .where('t.tenant', '=', tenant)
    .where('t.missing', 'is not', null)
    .where('t.kept_for', 'is', null)
    .select(['m.container', 'm.member', 'm.kind'])
    .execute();
}

export async function missingGroups(db: Kysely<Tables>, tenant: string): Promise<GroupMissing[]> {
  return (await trackedRows(db, tenant)).flatMap(({ group_id: group, missing, kept_for: kept }) =>
    missing === null ? [] : [{ group, since: missing, keptFor: words(kept) }],
  );
}

/** From now on these groups keep something back for these jobs, and no others do. */
export async function setExceptions(
  db: Kysely<Tables>,
  tenant: string,
  jobsOf: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const jobs = new Set([...jobsOf.values()].flat());
  for (const { key, group_id: group, excepts, kept_for: kept } of await trackedRows(db, tenant)) {
    const now = {
      excepts: text(jobsOf.get(group) ?? []),
      kept_for: text(words(kept).filter((job) => jobs.has(job))),
    };
    if (now.excepts === excepts && now.kept_for === kept) continue;
    await db.updateTable('tracked').set(now).where('key', '=', key).execute();
  }
}

/** The job, or all when there is none, lets go of what missing groups kept back. */
export async function approveMissing(db: Kysely<Tables>, job: string | null): Promise<void> {
  const kept = await db
    .selectFrom('tracked')
    .where('kept_for', 'is not', null)
    .select(['key', 'kept_for'])
    .execute();
  for (const { key, kept_for: jobs } of kept) {
    const left = job === null ? [] : words(jobs).filter((one) => one !== job);
    await db
      .updateTable('tracked')
      .set({ kept_for: text(left) })
      .where('key', '=', key)
      .execute();
  }
}

type TrackedRow = Awaited<ReturnType<typeof trackedRows>>[number];

function trackedRows(db: Kysely<Tables>, tenant: string) {
  return db
    .selectFrom('tracked')
    .where('tenant', '=', tenant)
    .select(['key', 'group_id', 'excepts', 'missing', 'kept_for'])
    .orderBy('key')
    .execute();
}

async function hasMembers(db: Kysely<Tables>, key: number): Promise<boolean> {
  const one = await db
    .selectFrom('members')
    .where('container', '=', key)
    .select('member')
    .limit(1)
    .executeTakeFirst();
  return one !== undefined;
}

/** Jobs for which the group, or one that it is nested in, keeps something back. */
async function jobsAbove(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, group, known }: { tenant: string; group: string; known: readonly TrackedRow[] },
): Promise<string[]> {
  const jobs = new Set<string>();
  for (const { group_id: root, excepts } of known) {
    if (excepts === null) continue;
    const below = await groupsBelow(db, rows, { tenant, groups: [root] });
    if (below.has(group)) for (const job of words(excepts)) jobs.add(job);
  }
  return [...jobs].toSorted();
}

/** Ids of jobs hold no space. */
function words(list: string | null): string[] {
  return list === null ? [] : list.split(' ');
}

function text(list: readonly string[]): string | null {
  return list.length === 0 ? null : list.join(' ');
}
