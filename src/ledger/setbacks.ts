import type { Kysely } from 'kysely';
import type { Failure, Setback, SetbackKind, Setbacks, Subject } from '../engine/setback-book.ts';
import { subjectKey } from '../engine/setback-book.ts';
import { cause, setbackKind } from './codes.ts';
import type { Session } from './session.ts';
import type { SetbacksTable } from './tables-of-work.ts';
import type { Tables } from './tables.ts';

/** What is not part of a subject's name. */
const NO_SLAB = -1;
const NOBODY = '';
const NAME = ['kind', 'tenant', 'slab', 'mailbox', 'route', 'object'] as const;

export function createSetbacks({ db, rows, write }: Session): Setbacks {
  const named = (subjects: readonly Subject[]) =>
    rows<Name>(
      {
        kind: 'integer',
        tenant: 'text',
        slab: 'integer',
        mailbox: 'text',
        route: 'text',
        object: 'text',
      },
      subjects.map(toName),
    );

  return {
    note: async (failures, wait) => (failures.length === 0 ? [] : write((tx) => note(tx, failures, wait))),
    clear: async (subjects) => {
      if (subjects.length === 0) return;
      // Nearly always there is nothing, and whoever succeeds asks.
      const any = await db.selectFrom('setbacks').select('kind').limit(1).executeTakeFirst();
      if (!any) return;
      await db
        .deleteFrom('setbacks')
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom(named(subjects).as('n'))
              .select('n.kind')
              .where((eb) => eb.and(NAME.map((part) => eb(`n.${part}`, '=', eb.ref(`setbacks.${part}`))))),
          ),
        )
        .execute();
    },
    inSlab: (tenant, slab) => inSlab(db, tenant, slab),
    due: (tenants, now, limit) => due(db, tenants, { now, limit }),
    postpone: async (subjects, until) => {
      await db
        .updateTable('setbacks')
        .from(named(subjects).as('n'))
        .set({ retry_at: until })
        .where((eb) => eb.and(NAME.map((part) => eb(`setbacks.${part}`, '=', eb.ref(`n.${part}`)))))
        .execute();
    },
    retry: async (subjects) => {
      if (subjects?.length === 0) return 0;
      const all = db.updateTable('setbacks').set({ retry_at: 0 }).where('retry_at', 'is not', null);
      const these =
        subjects === undefined
          ? all
          : all
              .from(named(subjects).as('n'))
              .where((eb) => eb.and(NAME.map((part) => eb(`setbacks.${part}`, '=', eb.ref(`n.${part}`)))));
      const { numUpdatedRows } = await these.executeTakeFirst();
      return Number(numUpdatedRows);
    },
    latest: async (limit) => {
      const found = await db
        .selectFrom('setbacks')
        .selectAll()
        .orderBy('at', 'desc')
        .orderBy('kind')
        .orderBy('object')
        .orderBy('mailbox')
        .limit(limit)
        .execute();
      return found.map(toSetback);
    },
    count: () => count(db),
  };
}

async function count(db: Kysely<Tables>): Promise<ReadonlyMap<SetbackKind, number>> {
  const found = await db
    .selectFrom('setbacks')
    .select(['kind', (eb) => eb.fn.countAll<number>().as('number')])
    .groupBy('kind')
    .execute();
  return new Map(found.map(({ kind, number }) => [setbackKind.word(kind), number]));
}

async function inSlab(db: Kysely<Tables>, tenant: string, slab: number): Promise<Setback[]> {
  const found = await db
    .selectFrom('setbacks')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('slab', '=', slab)
    .where('mailbox', '!=', NOBODY)
    .execute();
  return found.map(toSetback);
}

async function due(
  db: Kysely<Tables>,
  tenants: readonly string[],
  { now, limit }: { now: number; limit: number },
): Promise<Setback[]> {
  if (tenants.length === 0) return [];
  const found = await db
    .selectFrom('setbacks')
    .selectAll()
    .where('tenant', 'in', tenants)
    .where('kind', '!=', setbackKind.of('folder'))
    .where('retry_at', '<=', now)
    .orderBy('retry_at')
    .orderBy('tenant')
    .orderBy('kind')
    .orderBy('object')
    .orderBy('slab')
    .limit(limit)
    .execute();
  return found.map(toSetback);
}

type Name = Pick<SetbacksTable, (typeof NAME)[number]>;

async function note(
  db: Kysely<Tables>,
  failures: readonly Failure[],
  wait: (times: number) => number | null,
): Promise<Setback[]> {
  const noted: Setback[] = [];
  const latest = new Map(failures.map((failure) => [subjectKey(failure), failure]));
  for (const failure of latest.values()) {
    const { at, reason, causes, event } = failure;
    const name = toName(failure);
    const before = await db
      .selectFrom('setbacks')
      .select(['since', 'times'])
      .where((eb) => eb.and(name))
      .executeTakeFirst();
    const times = (before?.times ?? 0) + 1;
    const ms = wait(times);
    const values = {
      at,
      reason,
      causes: causes.map((one) => cause.of(one)).join(','),
      event,
      since: before?.since ?? at,
      times,
      retry_at: ms === null ? null : at + ms,
    };
    await db
      .insertInto('setbacks')
      .values({ ...name, ...values })
      .onConflict((conflict) => conflict.columns(NAME).doUpdateSet(values))
      .execute();
    noted.push(toSetback({ ...name, ...values }));
  }
  return noted;
}

function toName({ kind, tenant, slab, mailbox, route, object }: Subject): Name {
  return {
    kind: setbackKind.of(kind),
    tenant,
    slab: slab ?? NO_SLAB,
    mailbox: mailbox ?? NOBODY,
    route: route ?? NOBODY,
    object: object ?? NOBODY,
  };
}

function toSetback(row: SetbacksTable): Setback {
  const { at, reason, event, since, times } = row;
  return {
    kind: setbackKind.word(row.kind),
    tenant: row.tenant,
    slab: row.slab === NO_SLAB ? null : row.slab,
    mailbox: row.mailbox === NOBODY ? null : row.mailbox,
    route: row.route === NOBODY ? null : row.route,
    object: row.object === NOBODY ? null : row.object,
    at,
    reason,
    causes: row.causes === '' ? [] : row.causes.split(',').map((code) => cause.word(Number(code))),
    event,
    since,
    times,
    retryAt: row.retry_at,
  };
}
