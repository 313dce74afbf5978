import type { Kysely } from 'kysely';
import { anew } from './anew.ts';
import { mailboxState, placeState, routeState } from './codes.ts';
import { announce } from './outbox.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';
import { takeWait } from './waits.ts';

/** Nobody's event: it was found, not reported. */
const NO_EVENT = 0;

/** A slab is the work of one writer at a time: small enough to share out, large enough to fill batches of 20. */
const SEATS_PER_SLAB = 200;

export async function join(
  db: Kysely<Tables>,
  { tenant, owner, route }: { tenant: string; owner: string; route: number },
): Promise<{ slab: number; joined: boolean }> {
  const mailbox = (await findMailbox(db, tenant, owner)) ?? (await seat(db, tenant, owner));
  const place = await findPlace(db, mailbox.key, route);
  if (place && place.state === placeState.of('active')) return { slab: mailbox.slab, joined: false };
  const fresh = { state: placeState.of('active'), adopted: 0 };
  if (place) {
    await db
      .updateTable('places')
      .set((eb) => ({ ...fresh, ...anew(eb) }))
      .where('key', '=', place.key)
      .execute();
  }
  // Not trusted: whether this mailbox has a folder of ours from before the ledger's time is still to be seen.
  else {
    const first = { trusted: 0, filled: 0, cursor: 0, dirty: 0, epoch: 0 };
    await db
      .insertInto('places')
      .values({ mailbox: mailbox.key, route, ...fresh, ...first })
      .execute();
  }
  return { slab: mailbox.slab, joined: true };
}

export async function joinFirst(
  db: Kysely<Tables>,
  { tenant, owner, route, first }: { tenant: string; owner: string; route: number; first: number },
): Promise<{ slab: number; joined: boolean } | null> {
  const { others } = await db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('p.route', '=', route)
    .where('p.state', '=', placeState.of('active'))
    .where((eb) => eb.or([eb('m.owner', '!=', owner), eb('m.tenant', '!=', tenant)]))
    .select((eb) => eb.fn.countAll<number>().as('others'))
    .executeTakeFirstOrThrow();
  return others < first ? join(db, { tenant, owner, route }) : null;
}

/** A place for what was found, and a look at its owner, unless there is one or the route is another tenant's. */
export async function recall(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, owner, found }: { tenant: string; owner: string; found: { route: string; at: number } },
): Promise<boolean> {
  const route = await meetRoute(db, tenant, found.route);
  if (route.tenant !== tenant) return false;
  const mailbox = await findMailbox(db, tenant, owner);
  if (mailbox && (await findPlace(db, mailbox.key, route.key))) return false;
  await join(db, { tenant, owner, route: route.key });
  const { key = 0 } = (await findMailbox(db, tenant, owner)) ?? {};
  await db
    .updateTable('places')
    .set({ attempted: found.at })
    .where('mailbox', '=', key)
    .where('route', '=', route.key)
    .execute();
  await announce(db, rows, [{ kind: 'user', tenant, id: owner, cause: 'membership', at: NO_EVENT }]);
  return true;
}

/** The route by this id; one that nobody knows is of a job that was withdrawn, and takes its people from where its mailboxes are. */
async function meetRoute(
  db: Kysely<Tables>,
  tenant: string,
  id: string,
): Promise<{ key: number; tenant: string }> {
  await db
    .insertInto('routes')
    .values({
      id,
      job: id,
      source_tenant: tenant,
      target_tenant: tenant,
      // What its folders are called, their owners may have chosen.
      folder: id,
      definition: '',
      state: routeState.of('withdrawn'),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return db
    .selectFrom('routes')
    .select(['key', 'target_tenant as tenant'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

/** The next seat of the tenant. Seats of mailboxes that left stay empty: slabs only ever grow by joining. */
async function seat(
  db: Kysely<Tables>,
  tenant: string,
  owner: string,
): Promise<{ key: number; slab: number }> {
  const { taken } = await db
    .insertInto('seats')
    .values({ tenant, taken: 1 })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet((eb) => ({ taken: eb('seats.taken', '+', 1) })),
    )
    .returning('taken')
    .executeTakeFirstOrThrow();
  return db
    .insertInto('mailboxes')
    .values({
      tenant,
      owner,
      slab: Math.floor((taken - 1) / SEATS_PER_SLAB),
      state: mailboxState.of('ready'),
      not_before: await takeWait(db, tenant, owner),
      probes: 0,
    })
    .returning(['key', 'slab'])
    .executeTakeFirstOrThrow();
}

export function findMailbox(
  db: Kysely<Tables>,
  tenant: string,
  owner: string,
): Promise<{ key: number; slab: number } | undefined> {
  return db
    .selectFrom('mailboxes')
    .select(['key', 'slab'])
    .where('tenant', '=', tenant)
    .where('owner', '=', owner)
    .executeTakeFirst();
}

export function findPlace(
  db: Kysely<Tables>,
  mailbox: number,
  route: number,
): Promise<{ key: number; state: number } | undefined> {
  return db
    .selectFrom('places')
    .select(['key', 'state'])
    .where('mailbox', '=', mailbox)
    .where('route', '=', route)
    .executeTakeFirst();
}
