import type { Kysely } from 'kysely';
import type { GuardBook, GuardKind, GuardRequest, RestRequest } from '../engine/guard-port.ts';
import { guardKind, removalState } from './codes.ts';
import { approveMissing } from './exceptions.ts';
import { announce } from './outbox.ts';
import type { Session } from './session.ts';
import { subjectRows } from './subject-rows.ts';
import { allSuspicions, dropIdle, keepSuspicions } from './suspicions.ts';
import type { Tables } from './tables.ts';

/** Removals are counted over this long (ms). */
const WINDOW_MS = 24 * 60 * 60 * 1000;

const admitted = removalState.of('admitted');
const held = removalState.of('held');
const approved = removalState.of('approved');
const resting = removalState.of('resting');
const ripe = removalState.of('ripe');

export function createGuardBook({ db, rows, write }: Session): GuardBook {
  return {
    admit: (request) => write((tx) => admit(tx, rows, request)),
    rest: (request) => write((tx) => rest(tx, rows, request)),
    // Asked for all the time, and mostly in vain: nothing is written unless there is something to write.
    ripen: async (now) => ((await isAnyOver(db, now)) ? write((tx) => ripen(tx, rows, now)) : 0),
    resting: async (job) => {
      const { people } = await db
        .selectFrom('removals')
        .where('job', '=', job)
        .where('state', '=', resting)
        .select((eb) => eb.fn.countAll<number>().as('people'))
        .executeTakeFirstOrThrow();
      return people;
    },
    suspect: (suspicion) => keepSuspicions(db, [suspicion]),
    suspicions: () => allSuspicions(db),
    release: (job, kind, subjects) => write((tx) => release(tx, rows, { job, kind, subjects })),
    held: async (job) => {
      const found = await db
        .selectFrom('removals')
        .where('state', '=', held)
        .$if(job !== undefined, (query) => query.where('job', '=', job ?? ''))
        .select(['job', 'kind', 'subject', 'at as since'])
        .orderBy('at')
        .orderBy('job')
        .orderBy('kind')
        .orderBy('subject')
        .execute();
      return found.map((row) => ({ ...row, kind: guardKind.word(row.kind) }));
    },
    approve: (job, now) =>
      write(async (tx) => {
        await tx
          .deleteFrom('suspicions')
          .$if(job !== null, (query) => query.where('job', '=', job ?? ''))
          .execute();
        await approveMissing(tx, job);
        const released = await tx
          .updateTable('removals')
          .set({ state: approved, at: now })
          .where('state', '=', held)
          .$if(job !== null, (query) => query.where('job', '=', job ?? ''))
          .returning(['tenant', 'subject'])
          .execute();
        const objects = new Map(
          released.map(({ tenant, subject }) => [`${tenant}|${subject}`, { tenant, id: subject }]),
        );
        await announce(
          tx,
          rows,
          Array.from(objects.values(), (object) => ({ ...object, kind: 'user', cause: 'command', at: now })),
        );
        return released.length;
      }),
    forgetBefore: (at) =>
      write(async (tx) => {
        await tx.deleteFrom('removals').where('state', '=', admitted).where('at', '<', at).execute();
        await dropIdle(tx, { before: at });
      }),
  };
}

async function release(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { job, kind, subjects }: { job: string; kind: GuardKind; subjects: readonly string[] },
): Promise<void> {
  const released = await db
    .deleteFrom('removals')
    .where('job', '=', job)
    .where('kind', '=', guardKind.of(kind))
    // An approval that was not used goes too; what was removed stays counted.
    .where('state', '!=', admitted)
    .where('subject', 'in', (eb) => eb.selectFrom(subjectRows(rows, subjects).as('s')).select('s.subject'))
    .returning(['state', 'at'])
    .execute();
  // The last of those that a suspicion holds is wanted again: it came to nothing.
  const heldSince = Math.max(-1, ...released.filter(({ state }) => state === held).map(({ at }) => at));
  if (heldSince >= 0) await dropIdle(db, { job, before: heldSince + 1 });
}

/** The time in the row is when the rest is over. */
async function rest(
  db: Kysely<Tables>,
  rows: Session['rows'],
  request: RestRequest,
): Promise<ReadonlySet<string>> {
  const subjects = [...new Set(request.subjects)];
  const known = await knownOf(db, rows, { ...request, subjects });
  const fresh = subjects.filter((subject) => !known.has(subject));
  const decided = fresh.map((subject) => ({ subject, state: resting, at: request.until }));
  await keep(db, rows, { request, decided });
  return new Set([...known].flatMap(([subject, { state }]) => (state === resting ? [] : subject)));
}

async function isAnyOver(db: Kysely<Tables>, now: number): Promise<boolean> {
  const over = db.selectFrom('removals').where('state', '=', resting).where('at', '<=', now);
  return (await over.select('subject').executeTakeFirst()) !== undefined;
}

async function ripen(db: Kysely<Tables>, rows: Session['rows'], now: number): Promise<number> {
  const over = await db
    .updateTable('removals')
    .set({ state: ripe })
    .where('state', '=', resting)
    .where('at', '<=', now)
    .returning(['tenant', 'subject'])
    .execute();
  await announce(
    db,
    rows,
    over.map(({ tenant, subject }) => ({ tenant, id: subject, kind: 'user', cause: 'command', at: now })),
  );
  return over.length;
}

async function knownOf(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { job, kind, subjects }: Pick<GuardRequest, 'job' | 'kind' | 'subjects'>,
): Promise<ReadonlyMap<string, { readonly state: number; readonly at: number }>> {
  const known = await db
    .selectFrom('removals')
    .where('job', '=', job)
    .where('kind', '=', guardKind.of(kind))
    .where('subject', 'in', (eb) => eb.selectFrom(subjectRows(rows, subjects).as('s')).select('s.subject'))
    .select(['subject', 'state', 'at'])
    .execute();
  return new Map(known.map((row) => [row.subject, row]));
}

async function admit(
  db: Kysely<Tables>,
  rows: Session['rows'],
  request: GuardRequest,
): Promise<ReadonlySet<string>> {
  const { job, limits, now } = request;
  const kind = guardKind.of(request.kind);
  const since = now - WINDOW_MS;
  const subjects = [...new Set(request.subjects)];
  const before = await knownOf(db, rows, { ...request, subjects });
  const { recent } = await db
    .selectFrom('removals')
    .where('job', '=', job)
    .where('kind', '=', kind)
    .where('state', '=', admitted)
    .where('at', '>', since)
    .select((eb) => eb.fn.countAll<number>().as('recent'))
    .executeTakeFirstOrThrow();
  let removed = recent;
  const scope = request.scope + recent;
  const suspected = await db.selectFrom('suspicions').where('job', '=', job).select('job').executeTakeFirst();
  const fits = (count: number): boolean =>
    suspected === undefined && (count <= limits.count || count * 100 <= scope * limits.percent);
  const passed = new Set<string>();
  const decided: { subject: string; state: number; at: number }[] = [];
  for (const subject of subjects) {
    const row = before.get(subject);
    if (row?.state === held) continue;
    const counted = row?.state === admitted && row.at > since;
    if (counted) {
      passed.add(subject);
      continue;
    }
    const passes = row?.state === approved || fits(removed + 1);
    if (passes) {
      passed.add(subject);
      removed++;
    }
    decided.push({ subject, state: passes ? admitted : held, at: now });
  }
  await keep(db, rows, { request, decided });
  return passed;
}

async function keep(
  db: Kysely<Tables>,
  rows: Session['rows'],
  {
    request,
    decided,
  }: {
    request: Pick<GuardRequest, 'job' | 'kind' | 'tenant'>;
    decided: readonly { subject: string; state: number; at: number }[];
  },
): Promise<void> {
  if (decided.length === 0) return;
  const listed = rows<{ subject: string; state: number; at: number }>(
    { subject: 'text', state: 'integer', at: 'integer' },
    decided,
  );
  await db
    .insertInto('removals')
    .columns(['job', 'kind', 'subject', 'tenant', 'state', 'at'])
    .expression((eb) =>
      eb
        .selectFrom(listed.as('d'))
        .select((eb) => [
          eb.val(request.job).as('job'),
          eb.lit(guardKind.of(request.kind)).as('kind'),
          'd.subject',
          eb.val(request.tenant).as('tenant'),
          'd.state',
          'd.at',
        ])
        .where(eb.lit(true)),
    )
    .onConflict((conflict) =>
      conflict.columns(['job', 'kind', 'subject']).doUpdateSet((eb) => ({
        tenant: eb.ref('excluded.tenant'),
        state: eb.ref('excluded.state'),
        at: eb.ref('excluded.at'),
      })),
    )
    .execute();
}
