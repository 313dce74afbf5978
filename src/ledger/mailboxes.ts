import type { Kysely } from 'kysely';
import type { MailboxRecord, Mailboxes, SharingPlace } from '../engine/mailbox-port.ts';
import { anew } from './anew.ts';
import { mailboxState, placeState } from './codes.ts';
import { findMailbox, findPlace, join, joinFirst, recall } from './joining.ts';
import { beginLeaving } from './places.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';
import { resting, wait } from './waits.ts';

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
    recall: (tenant, owner, found) => write((tx) => recall(tx, rows, { tenant, owner, found })),
    sharing: (tenant, routes, owners) => sharing(session, tenant, { routes, owners }),
    leave: (tenant, owner, route) =>
      write(async (tx) => {
        const mailbox = await findMailbox(tx, tenant, owner);
        if (!mailbox || !(await findPlace(tx, mailbox.key, route))) return null;
        await beginLeaving(tx, route, mailbox.key);
        return mailbox.slab;
      }),
    wait: (tenant, waits) => wait(session, tenant, waits),
    resting: (tenant, owners, now) => resting(session, tenant, { owners, now }),
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
    retry: async (owner) => {
      const { numUpdatedRows } = await db
        .updateTable('mailboxes')
        .set({ not_before: 0 })
        .where('state', '=', mailboxState.of('parked'))
        .$if(owner !== null, (query) => query.where('owner', '=', owner ?? ''))
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
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
      .set(anew)
      .where('mailbox', 'in', (eb) => eb.selectFrom(listed.as('r')).select('r.key'))
      .execute();
    return [...new Set(ready.map((row) => row.slab))].toSorted((a, b) => a - b);
  });
}

async function sharing(
  { db, rows }: Session,
  tenant: string,
  { routes, owners }: { routes: readonly number[]; owners: readonly string[] | undefined },
): Promise<SharingPlace[]> {
  // Most installations have no such route.
  if (routes.length === 0) return [];
  const wanted = rows<{ owner: string }>(
    { owner: 'text' },
    [...new Set(owners)].map((owner) => ({ owner })),
  );
  return db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('m.tenant', '=', tenant)
    .where('p.route', 'in', routes)
    .where('p.state', '=', placeState.of('active'))
    .$if(owners !== undefined, (query) =>
      query.where('m.owner', 'in', (eb) => eb.selectFrom(wanted.as('w')).select('w.owner')),
    )
    .select(['p.key as place', 'p.route', 'm.owner', 'p.folder'])
    .orderBy('p.key')
    .execute();
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
