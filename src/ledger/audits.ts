import type { Kysely } from 'kysely';
import type { AuditFinding, AuditMode, AuditRecord, Audits, Verification } from '../engine/audit-book.ts';
import { HEALINGS_AT_MOST } from '../engine/audit-book.ts';
import { anew } from './anew.ts';
import { auditMode, flag, linkOrigin, mailboxState, placeState } from './codes.ts';
import { behindByPlace } from './pair-counts.ts';
import { putLinks } from './put-links.ts';
import type { Session } from './session.ts';
import type { AuditsTable, Tables } from './tables.ts';

const NOT_DUE = 0;

export function createAudits(session: Session): Audits {
  const { db, rows, read, writeAt } = session;
  return {
    oldest: async (route, limit) => {
      const found = await db
        .selectFrom('places as p')
        .leftJoin('audits as a', 'a.place', 'p.key')
        .where('p.route', '=', route)
        .where('p.state', '=', placeState.of('active'))
        .select('p.key')
        // What was asked for and cannot be looked at must not take the share of those that can, night after night.
        .orderBy((eb) => eb(eb.fn.coalesce('a.due', eb.lit(NOT_DUE)), '>', eb.lit(NOT_DUE)))
        .orderBy((eb) => eb.fn.coalesce('a.verified', eb.lit(0)))
        .orderBy('p.key')
        .limit(limit)
        .execute();
      return found.map(({ key }) => key);
    },
    ask: (places, mode) => ask(session, places, mode),
    slabs: () =>
      ready(db).select(['m.tenant', 'm.slab']).distinct().orderBy('m.tenant').orderBy('m.slab').execute(),
    orders: async (tenant, slab) => {
      const found = await ready(db)
        .where('m.tenant', '=', tenant)
        .where('m.slab', '=', slab)
        .select(['p.key as place', 'p.folder', 'a.due', 'a.folder as known', 'a.token'])
        .orderBy('p.key')
        .execute();
      return found.map(({ place, folder, due, known, token }) => ({
        place,
        mode: auditMode.word(due),
        token: folder === known ? token : null,
      }));
    },
    healings: (place) =>
      db
        .selectFrom('healings')
        .where('place', '=', place)
        .select(['person', 'revision', 'times'])
        .orderBy('person')
        .execute(),
    conclude: (finding) =>
      writeAt([finding.place, ...finding.links.map(({ place }) => place)], (tx) =>
        conclude(tx, rows, finding),
      ),
    report: () => report(db),
    verifications: () => verifications(db),
    behind: (route, own) => read((tx) => behindByPlace(tx, route, own)),
  };
}

/** What was asked for and can be verified: nobody is still at work there, and the mailbox is in use. */
function ready(db: Kysely<Tables>) {
  return db
    .selectFrom('audits as a')
    .innerJoin('places as p', 'p.key', 'a.place')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('a.due', '>', NOT_DUE)
    .where('p.state', '=', placeState.of('active'))
    .where('p.trusted', '=', 1)
    .where('p.filled', '=', 1)
    .where('p.folder', 'is not', null)
    .where('m.state', '=', mailboxState.of('ready'));
}

async function ask({ db, rows }: Session, places: readonly number[], mode: AuditMode): Promise<void> {
  if (places.length === 0) return;
  const listed = rows<Pick<AuditsTable, 'place' | 'due'>>(
    { place: 'integer', due: 'integer' },
    Array.from(new Set(places), (place) => ({ place, due: auditMode.of(mode) })),
  );
  await db
    .insertInto('audits')
    .columns(['place', 'due', 'missing', 'changed', 'extra', 'folder_gone'])
    .expression((eb) =>
      eb
        .selectFrom(listed.as('n'))
        .select((eb) => {
          const none = eb.lit(0);
          return ['n.place', 'n.due', none.as('m'), none.as('c'), none.as('e'), none.as('f')];
        })
        .where(eb.lit(true)),
    )
    .onConflict((conflict) =>
      conflict
        .column('place')
        .doUpdateSet((eb) => ({ due: eb.ref('excluded.due') }))
        .whereRef('audits.due', '<', 'excluded.due'),
    )
    .execute();
}

async function conclude(db: Kysely<Tables>, rows: Session['rows'], finding: AuditFinding): Promise<void> {
  const { place, folder, token, at, drift, links, healings, distrusted } = finding;
  await putLinks(db, rows, links);
  for (const { person, revision, times } of healings) {
    await db
      .insertInto('healings')
      .values({ place, person, revision, times })
      .onConflict((conflict) => conflict.columns(['place', 'person']).doUpdateSet({ revision, times }))
      .execute();
  }
  if (links.length > 0 || distrusted) {
    await db
      .updateTable('places')
      .set((eb) => ({ ...anew(eb), ...(distrusted ? { trusted: 0 } : {}) }))
      .where('key', '=', place)
      .execute();
  }
  const { missing, changed, extra } = drift;
  const known = { folder, token, verified: at, missing, changed, extra, folder_gone: flag(drift.folder) };
  await db
    .insertInto('audits')
    .values({ place, due: NOT_DUE, ...known })
    .onConflict((conflict) => conflict.column('place').doUpdateSet({ due: NOT_DUE, ...known }))
    .execute();
}

async function report(db: Kysely<Tables>): Promise<AuditRecord[]> {
  const found = await verifications(db);
  const accepted = await acceptedByPlace(db);
  const adopted = await adoptedByPlace(db);
  return found.map((one) => ({
    ...one,
    accepted: accepted.get(one.place) ?? 0,
    adopted: adopted.get(one.place) ?? 0,
  }));
}

async function verifications(db: Kysely<Tables>): Promise<Verification[]> {
  const found = await db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .innerJoin('routes as r', 'r.key', 'p.route')
    .leftJoin('audits as a', 'a.place', 'p.key')
    .where('p.state', '=', placeState.of('active'))
    .select([
      'p.key as place',
      'p.folder',
      'p.trusted',
      'p.filled',
      'm.tenant',
      'm.owner',
      'm.state',
      'r.job',
    ])
    .select(['a.verified', 'a.missing', 'a.changed', 'a.extra', 'a.folder_gone'])
    .orderBy('p.key')
    .execute();
  return found.map((row) => ({
    place: row.place,
    tenant: row.tenant,
    owner: row.owner,
    job: row.job,
    verified: row.verified,
    drift: {
      missing: row.missing ?? 0,
      changed: row.changed ?? 0,
      extra: row.extra ?? 0,
      folder: row.folder_gone === 1,
    },
    settled:
      row.folder !== null &&
      row.trusted === 1 &&
      row.filled === 1 &&
      mailboxState.word(row.state) === 'ready',
  }));
}

/** A later revision of the card is written again, and heals what was accepted under the one before. */
async function acceptedByPlace(db: Kysely<Tables>): Promise<ReadonlyMap<number, number>> {
  const found = await db
    .selectFrom('healings as h')
    .innerJoin('places as p', 'p.key', 'h.place')
    .innerJoin('cards as c', (join) =>
      join.onRef('c.route', '=', 'p.route').onRef('c.person', '=', 'h.person'),
    )
    .whereRef('c.revision', '=', 'h.revision')
    .where('h.times', '>', HEALINGS_AT_MOST)
    .select(['h.place', (eb) => eb.fn.countAll<number>().as('differences')])
    .groupBy('h.place')
    .execute();
  return new Map(found.map(({ place, differences }) => [place, differences]));
}

/** As a literal: only then an index of the adopted ones alone is of use. */
async function adoptedByPlace(db: Kysely<Tables>): Promise<ReadonlyMap<number, number>> {
  const found = await db
    .selectFrom('links')
    .where((eb) => eb('origin', '=', eb.lit(linkOrigin.of('linked'))))
    .select(['place', (eb) => eb.fn.countAll<number>().as('links')])
    .groupBy('place')
    .execute();
  return new Map(found.map(({ place, links }) => [place, links]));
}
