import type { Kysely } from 'kysely';
import type { Applied, MembershipRound, Memberships } from '../engine/ledger-books.ts';
import type { GroupKind } from '../engine/ports.ts';
import { groupsAbove, groupsBelow } from './closure.ts';
import { groupKind, memberKind } from './codes.ts';
import { goneIn, missingGroups, noteMissing, released, setExceptions, withoutKept } from './exceptions.ts';
import { changeMembers, kindsShown } from './member-changes.ts';
import { changesOf, type Membership } from './membership-round.ts';
import { announce } from './outbox.ts';
import { identityRows } from './people.ts';
import type { Session } from './session.ts';
import { keepSuspicions, suspicionsOf } from './suspicions.ts';
import type { Tables } from './tables.ts';
import { storeToken } from './tokens.ts';
import { Fault } from '../model/fault.ts';

const group = memberKind.of('group');

export function createMemberships({ db, rows, read, write }: Session): Memberships {
  return {
    groupsOf: (tenant, identities) => read((tx) => groupsAbove(tx, rows, { tenant, identities })),
    track: (tenant, groups, kind) => track(db, rows, { tenant, groups, kind }),
    tracked: async (tenant) => {
      const found = await db
        .selectFrom('tracked')
        .where('tenant', '=', tenant)
        .select(['group_id as group', 'kind', 'bundle'])
        .orderBy('key')
        .execute();
      return found.map((row) => ({ ...row, kind: groupKind.word(row.kind) }));
    },
    apply: (round) => write((tx) => apply(tx, rows, round)),
    setExceptions: (tenant, jobsOf) => write((tx) => setExceptions(tx, tenant, jobsOf)),
    missing: (tenant) => missingGroups(db, tenant),
    letGo: async (tenant, given) => {
      // Asked every minute, and nearly always there is nobody: that takes no lock.
      if ((await released(db, tenant)).length === 0) return 0;
      return write((tx) => letGo(tx, rows, { tenant, ...given }));
    },
    prune: (tenant, roots) => write((tx) => prune(tx, rows, { tenant, roots })),
  };
}

type LettingGo = { readonly tenant: string } & Parameters<Memberships['letGo']>[1];

async function letGo(
  tx: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, contacts, at }: LettingGo,
): Promise<number> {
  const removed = await released(tx, tenant);
  const changes = { added: [], removed };
  const { affected } = await changeMembers(tx, rows, { tenant, changes, kinds: kindsShown(contacts) });
  await announce(
    tx,
    rows,
    affected.map((id) => ({ kind: 'user', tenant, id, cause: 'membership', at })),
  );
  return affected.length;
}

type Groups = { readonly tenant: string; readonly groups: Iterable<string>; readonly kind: GroupKind };

/** A group of another kind than it was taken for has no bundle any more: its first round will be a full one. */
async function track(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, groups, kind }: Groups,
): Promise<void> {
  await db
    .insertInto('tracked')
    .columns(['tenant', 'group_id', 'kind'])
    .expression((eb) =>
      eb
        .selectFrom(identityRows(rows, groups).as('w'))
        .select((eb) => [eb.val(tenant).as('tenant'), 'w.identity', eb.lit(groupKind.of(kind)).as('kind')])
        .where(eb.lit(true)),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'group_id'])
        .doUpdateSet((eb) => ({ kind: eb.ref('excluded.kind'), bundle: null, missing: null, kept_for: null }))
        .whereRef('tracked.kind', '!=', 'excluded.kind'),
    )
    .execute();
}

async function apply(db: Kysely<Tables>, rows: Session['rows'], round: MembershipRound): Promise<Applied> {
  const { tenant, bundle, token, at, since } = round;
  const next = { token, at, ...(since === undefined ? {} : { since }) };
  if (!(await storeToken(db, { tenant, name: bundle, next, previous: 'moves' })))
    throw new Fault('lease-lost', 'another process read these groups meanwhile');
  const tracked = await trackedKeys(db, tenant);
  const missing = await noteMissing(db, rows, round);
  const changes = await withoutKept(db, tenant, await changesOf(db, rows, { round, tracked }));
  const kinds = kindsShown(round.contacts === true);
  const { affected, before, after } = await changeMembers(db, rows, { tenant, changes, kinds });
  const vanished = hasVanished(round, { tracked, removed: changes.removed });
  const suspicions = suspicionsOf(round, { people: affected, before, after, vanished });
  await keepSuspicions(db, suspicions);
  const nested = new Set(
    changes.added.filter((one) => one.kind === group && !tracked.has(one.member)).map((one) => one.member),
  );
  await track(db, rows, { tenant, groups: nested, kind: 'group' });
  await db
    .updateTable('tracked')
    .set({ bundle })
    .where('tenant', '=', tenant)
    .where('group_id', 'in', (eb) =>
      eb.selectFrom(identityRows(rows, round.groups).as('w')).select('w.identity'),
    )
    .execute();
  const found = { tenant, cause: 'membership', at } as const;
  await announce(db, rows, [
    ...affected.map((id) => ({ ...found, kind: 'user' as const, id })),
    ...Array.from(nested, (id) => ({ ...found, kind: 'group' as const, id })),
  ]);
  return { affected: affected.length, nested: nested.size, suspicions, missing };
}

/** A group that had members was deleted, or a full round does not name it any more. */
function hasVanished(
  round: MembershipRound,
  { tracked, removed }: { tracked: ReadonlyMap<string, number>; removed: readonly Membership[] },
): boolean {
  const containers = new Set([...goneIn(round)].map((group) => tracked.get(group)));
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
