import type { Kysely } from 'kysely';
import { groupsAbove, groupsBelow, membersIn } from './closure.ts';
import { memberKind } from './codes.ts';
import type { Membership, RoundChanges } from './membership-round.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

const group = memberKind.of('group');

/** Kinds of members of whom a change tells: contacts only where they are shown. */
export function kindsShown(contacts: boolean): number[] {
  return [memberKind.of('person'), ...(contacts ? [memberKind.of('contact')] : [])];
}

/** Members come and go; returns who is in other groups than before, at any depth. */
export async function changeMembers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  touching: { tenant: string; changes: RoundChanges; kinds: readonly number[] },
) {
  const { tenant, changes } = touching;
  const candidates = await touched(db, rows, touching);
  const before = await groupsAbove(db, rows, { tenant, identities: candidates });
  await removeMembers(db, rows, changes.removed);
  await addMembers(db, rows, changes.added);
  const after = await groupsAbove(db, rows, { tenant, identities: candidates });
  const affected = [...candidates].filter((person) => !sameSet(before.get(person), after.get(person)));
  return { affected, before, after };
}

/**
 * Everybody whose groups may differ after the changes: who joined or left, and who is below a group that did. Below, as
 * it was before, is enough: whatever else leads to a person changes in this round too, and is followed from there.
 */
async function touched(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, changes, kinds }: { tenant: string; changes: RoundChanges; kinds: readonly number[] },
): Promise<Set<string>> {
  const moved = [...changes.added, ...changes.removed];
  const groups = moved.filter((one) => one.kind === group).map((one) => one.member);
  const below = await groupsBelow(db, rows, { tenant, groups });
  return new Set([
    ...moved.filter((one) => kinds.includes(one.kind)).map((one) => one.member),
    ...(await membersIn(db, rows, { tenant, groups: below, kinds })),
  ]);
}

function sameSet(one: ReadonlySet<string> = new Set(), other: ReadonlySet<string> = new Set()): boolean {
  return one.size === other.size && one.isSubsetOf(other);
}

async function removeMembers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  members: readonly Membership[],
): Promise<void> {
  if (members.length === 0) return;
  const listed = memberRows(rows, members);
  await db
    .deleteFrom('members')
    .where((eb) =>
      eb(
        eb.refTuple('container', 'member'),
        'in',
        eb.selectFrom(listed.as('l')).select(['l.container', 'l.member']).$asTuple('container', 'member'),
      ),
    )
    .execute();
}

async function addMembers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  members: readonly Membership[],
): Promise<void> {
  if (members.length === 0) return;
  const columns = ['container', 'member', 'kind'] as const;
  await db
    .insertInto('members')
    .columns(columns)
    .expression((eb) => eb.selectFrom(memberRows(rows, members).as('l')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) =>
      conflict.columns(['container', 'member']).doUpdateSet((eb) => ({ kind: eb.ref('excluded.kind') })),
    )
    .execute();
}

function memberRows(
  rows: Session['rows'],
  members: readonly Membership[],
): ReturnType<typeof rows<Membership>> {
  return rows<Membership>({ container: 'integer', member: 'text', kind: 'integer' }, members);
}
