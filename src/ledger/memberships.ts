import type { Kysely } from 'kysely';
import type { Applied, MembershipRound, Memberships } from '../engine/ledger-books.ts';
import { groupsAbove, groupsBelow, peopleIn } from './closure.ts';
import { memberKind } from './codes.ts';
import { changesOf, type Membership, type RoundChanges } from './membership-round.ts';
import { announce } from './outbox.ts';
import { identityRows } from './people.ts';
import type { Session } from './session.ts';
import { keepSuspicions, suspicionsOf } from './suspicions.ts';
import type { Tables } from './tables.ts';
import { replaceToken } from './tokens.ts';

const person = memberKind.of('person');
const group = memberKind.of('group');

export function createMemberships({ db, rows, read, write }: Session): Memberships {
  return {
    groupsOf: (tenant, identities) => read((tx) => groupsAbove(tx, rows, { tenant, identities })),
    track: (tenant, groups) => track(db, rows, { tenant, groups }),
    tracked: (tenant) =>
      db
        .selectFrom('tracked')
        .where('tenant', '=', tenant)
        .select(['group_id as group', 'bundle'])
        .orderBy('key')
        .execute(),
    apply: (round) => write((tx) => apply(tx, rows, round)),
    prune: (tenant, roots) => write((tx) => prune(tx, rows, { tenant, roots })),
  };
}

type Groups = { readonly tenant: string; readonly groups: Iterable<string> };

async function track(db: Kysely<Tables>, rows: Session['rows'], { tenant, groups }: Groups): Promise<void> {
  await db
    .insertInto('tracked')
    .columns(['tenant', 'group_id'])
    .expression((eb) =>
      eb
        .selectFrom(identityRows(rows, groups).as('w'))
        .select((eb) => [eb.val(tenant).as('tenant'), 'w.identity'])
        .where(eb.lit(true)),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'group_id']).doNothing())
    .execute();
}

async function apply(db: Kysely<Tables>, rows: Session['rows'], round: MembershipRound): Promise<Applied> {
  const { tenant, bundle, token, at } = round;
  const tracked = await trackedKeys(db, tenant);
  const changes = await changesOf(db, rows, { round, tracked });
  const candidates = await touched(db, rows, { tenant, changes });
  const before = await groupsAbove(db, rows, { tenant, identities: candidates });
  await removeMembers(db, rows, changes.removed);
  await addMembers(db, rows, changes.added);
  const after = await groupsAbove(db, rows, { tenant, identities: candidates });
  const affected = [...candidates].filter((person) => !sameSet(before.get(person), after.get(person)));
  const vanished = hasVanished(round, { tracked, removed: changes.removed });
  const suspicions = suspicionsOf(round, { people: affected, before, after, vanished });
  await keepSuspicions(db, suspicions);
  const nested = new Set(
    changes.added.filter((one) => one.kind === group && !tracked.has(one.member)).map((one) => one.member),
  );
  await track(db, rows, { tenant, groups: nested });
  await db
    .updateTable('tracked')
    .set({ bundle })
    .where('tenant', '=', tenant)
    .where('group_id', 'in', (eb) =>
      eb.selectFrom(identityRows(rows, round.groups).as('w')).select('w.identity'),
    )
    .execute();
  await replaceToken(db, { tenant, name: bundle, current: token, at });
  const change = { tenant, cause: 'membership', at } as const;
  await announce(db, rows, [
    ...affected.map((id) => ({ ...change, kind: 'user' as const, id })),
    ...Array.from(nested, (id) => ({ ...change, kind: 'group' as const, id })),
  ]);
  return { affected: affected.length, nested: nested.size, suspicions };
}

/** A group that had members was deleted, or a full round does not name it any more. */
function hasVanished(
  { full, groups, differences }: MembershipRound,
  { tracked, removed }: { tracked: ReadonlyMap<string, number>; removed: readonly Membership[] },
): boolean {
  const named = new Set(differences.map(({ group }) => group));
  const gone = [
    ...differences.filter((one) => one.gone).map(({ group }) => group),
    ...(full ? groups.filter((group) => !named.has(group)) : []),
  ];
  const containers = new Set(gone.map((group) => tracked.get(group)));
  return removed.some(({ container }) => containers.has(container));
}

async function trackedKeys(db: Kysely<Tables>, tenant: string): Promise<Map<string, number>> {
  const found = await db
    .selectFrom('tracked')
    .where('tenant', '=', tenant)
    .select(['key', 'group_id'])
    .execute();
  return new Map(found.map((row) => [row.group_id, row.key]));
}

/**
 * Everybody whose groups may differ after the changes: who joined or left, and who is below a group that did. Below, as
 * it was before, is enough: whatever else leads to a person changes in this round too, and is followed from there.
 */
async function touched(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, changes }: { tenant: string; changes: RoundChanges },
): Promise<Set<string>> {
  const moved = [...changes.added, ...changes.removed];
  const groups = moved.filter((one) => one.kind === group).map((one) => one.member);
  const below = await groupsBelow(db, rows, { tenant, groups });
  return new Set([
    ...moved.filter((one) => one.kind === person).map((one) => one.member),
    ...(await peopleIn(db, rows, { tenant, groups: below })),
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

async function prune(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, roots }: { tenant: string; roots: readonly string[] },
): Promise<void> {
  const needed = await groupsBelow(db, rows, { tenant, groups: roots });
  const tracked = await trackedKeys(db, tenant);
  const dropped = rows<{ key: number }>(
    { key: 'integer' },
    [...tracked].flatMap(([group, key]) => (needed.has(group) ? [] : [{ key }])),
  );
  await db
    .deleteFrom('members')
    .where('container', 'in', (eb) => eb.selectFrom(dropped.as('d')).select('d.key'))
    .execute();
  const forgotten = await db
    .deleteFrom('tracked')
    .where('key', 'in', (eb) => eb.selectFrom(dropped.as('d')).select('d.key'))
    .returning('bundle')
    .execute();
  await forgetBundles(db, rows, {
    tenant,
    bundles: forgotten.flatMap(({ bundle }) => (bundle === null ? [] : [bundle])),
  });
}

/** A token that outlives its groups would skip their members should they ever be tracked again. */
async function forgetBundles(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, bundles }: { tenant: string; bundles: readonly string[] },
): Promise<void> {
  await db
    .deleteFrom('tokens')
    .where('tenant', '=', tenant)
    .where('name', 'in', (eb) => eb.selectFrom(identityRows(rows, bundles).as('b')).select('b.identity'))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('tracked')
            .select('tracked.key')
            .where('tracked.tenant', '=', tenant)
            .whereRef('tracked.bundle', '=', 'tokens.name'),
        ),
      ),
    )
    .execute();
}
