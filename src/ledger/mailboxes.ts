import type { Kysely } from 'kysely';
import type { MailboxRecord, Mailboxes } from '../engine/mailbox-port.ts';
import { mailboxState, placeState } from './codes.ts';
import { beginLeaving } from './places.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/** A slab is the work of one writer at a time: small enough to share out, large enough to fill batches of 20. */
const SEATS_PER_SLAB = 200;

export function createMailboxes(session: Session): Mailboxes {
  const { db, rows, write } = session;
  return {
    of: async (tenant, owners) => {
      const wanted = rows<{ owner: string }>(
        { owner: 'text' },
        [...new Set(owners)].map((owner) => ({ owner })),
      );
      const found = await mailboxQuery(db)
        .where('m.tenant', '=', tenant)
        .where('m.owner', 'in', (eb) => eb.selectFrom(wanted.as('w')).select('w.owner'))
        .execute();
      return toMailboxes(found);
    },
    join: (tenant, owner, route) => write((tx) => join(tx, { tenant, owner, route })),
    joinFirst: (tenant, owner, { route, first }) =>
      write((tx) => joinFirst(tx, { tenant, owner, route, first })),
    leave: (tenant, owner, route) =>
      write(async (tx) => {
        const mailbox = await findMailbox(tx, tenant, owner);
        if (!mailbox || !(await findPlace(tx, mailbox.key, route))) return null;
        await beginLeaving(tx, route, mailbox.key);
        return mailbox.slab;
      }),
    wait: (tenant, waits) => wait(session, tenant, waits),
    park: async (tenant, owner, { reason, until, probes, since }) => {
      await db
        .updateTable('mailboxes')
        .set((eb) => ({
          state: mailboxState.of('parked'),
          reason,
          probes,
          troubled_since: since,
          not_before: eb.case().when('not_before', '<', until).then(until).else(eb.ref('not_before')).end(),
        }))
        .where('tenant', '=', tenant)
        .where('owner', '=', owner)
        .execute();
    },
    recovered: async (tenant, owner) => {
      await db
        .updateTable('mailboxes')
        .set({ probes: 0, troubled_since: null })
        .where('tenant', '=', tenant)
        .where('owner', '=', owner)
        .execute();
    },
    unpark: (tenant, now) => unpark(session, tenant, now),
    parked: async () =>
      toMailboxes(await mailboxQuery(db).where('m.state', '=', mailboxState.of('parked')).execute()),
  };
}

/** Whatever was fanned out meanwhile passed them by, in every route: their next fill goes through everybody. */
function unpark({ rows, write }: Session, tenant: string, now: number): Promise<number[]> {
  return write(async (tx) => {
    const ready = await tx
      .updateTable('mailboxes')
      .set({ state: mailboxState.of('ready'), reason: null })
      .where('tenant', '=', tenant)
      .where('state', '=', mailboxState.of('parked'))
      .where('not_before', '<=', now)
      .returning(['key', 'slab'])
      .execute();
    const listed = rows<{ key: number }>(
      { key: 'integer' },
      ready.map(({ key }) => ({ key })),
    );
    await tx
      .updateTable('places')
      .set({ filled: 0, cursor: 0 })
      .where('mailbox', 'in', (eb) => eb.selectFrom(listed.as('r')).select('r.key'))
      .execute();
    return [...new Set(ready.map((row) => row.slab))].toSorted((a, b) => a - b);
  });
}

function mailboxQuery(db: Kysely<Tables>) {
  return db
    .selectFrom('mailboxes as m')
    .leftJoin('places as p', (join) =>
      join.onRef('p.mailbox', '=', 'm.key').on('p.state', '=', placeState.of('active')),
    )
    .select([
      'm.key',
      'm.tenant',
      'm.owner',
      'm.slab',
      'm.state',
      'm.reason',
      'm.not_before as notBefore',
      'm.probes',
      'm.troubled_since as troubledSince',
      'p.route',
    ])
    .orderBy('m.key')
    .orderBy('p.route');
}

type MailboxRow = Awaited<ReturnType<ReturnType<typeof mailboxQuery>['execute']>>[number];

function toMailboxes(rows: readonly MailboxRow[]): MailboxRecord[] {
  return [...Map.groupBy(rows, (row) => row.key).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { route: _route, state, ...rest } = first;
    const routes = group.flatMap(({ route }) => (route === null ? [] : [route]));
    return [{ ...rest, state: mailboxState.word(state), routes }];
  });
}

async function join(
  db: Kysely<Tables>,
  { tenant, owner, route }: { tenant: string; owner: string; route: number },
): Promise<{ slab: number; joined: boolean }> {
  const mailbox = (await findMailbox(db, tenant, owner)) ?? (await seat(db, tenant, owner));
  const place = await findPlace(db, mailbox.key, route);
  if (place && place.state === placeState.of('active')) return { slab: mailbox.slab, joined: false };
  const fresh = { state: placeState.of('active'), filled: 0, cursor: 0, dirty: 0, adopted: 0 };
  if (place) await db.updateTable('places').set(fresh).where('key', '=', place.key).execute();
  // Not trusted: whether this mailbox has a folder of ours from before the ledger's time is still to be seen.
  else
    await db
      .insertInto('places')
      .values({ mailbox: mailbox.key, route, ...fresh, trusted: 0 })
      .execute();
  return { slab: mailbox.slab, joined: true };
}

async function joinFirst(
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
      not_before: 0,
      probes: 0,
    })
    .returning(['key', 'slab'])
    .executeTakeFirstOrThrow();
}

function findMailbox(
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

function findPlace(
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

async function wait(
  { db, rows }: Session,
  tenant: string,
  waits: readonly { owner: string; until: number }[],
): Promise<void> {
  const longest = new Map<string, number>();
  for (const { owner, until } of waits) longest.set(owner, Math.max(longest.get(owner) ?? 0, until));
  // The tenant stands in every row: compared with a constant, the whole tenant would be walked for each owner.
  const listed = rows<{ tenant: string; owner: string; until: number }>(
    { tenant: 'text', owner: 'text', until: 'integer' },
    Array.from(longest, ([owner, until]) => ({ tenant, owner, until })),
  );
  await db
    .updateTable('mailboxes')
    .from(listed.as('w'))
    .set((eb) => ({ not_before: eb.ref('w.until') }))
    .whereRef('mailboxes.tenant', '=', 'w.tenant')
    .whereRef('mailboxes.owner', '=', 'w.owner')
    .whereRef('mailboxes.not_before', '<', 'w.until')
    .execute();
}
