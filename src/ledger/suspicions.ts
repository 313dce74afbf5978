import type { Kysely } from 'kysely';
import type { MembershipRound, ScopeWatch } from '../engine/ledger-books.ts';
import type { Suspicion } from '../engine/guard-port.ts';
import { removalState, suspicionReason } from './codes.ts';
import type { Tables } from './tables.ts';

type Groups = ReadonlyMap<string, ReadonlySet<string>>;

/** What a round means for the scopes that are watched. Pure. */
export function suspicionsOf(
  { watches = [], at }: MembershipRound,
  found: {
    readonly people: readonly string[];
    readonly before: Groups;
    readonly after: Groups;
    /** A group that had members is there no more. */
    readonly vanished: boolean;
  },
): Suspicion[] {
  const isIn = (groups: Groups, person: string, { roots }: ScopeWatch): boolean => {
    const above = groups.get(person);
    return above !== undefined && roots.some((root) => above.has(root));
  };
  return watches.flatMap((watch): Suspicion[] => {
    const lost = found.people.filter(
      (person) => isIn(found.before, person, watch) && !isIn(found.after, person, watch),
    ).length;
    if (lost === 0 || (lost <= watch.allowed && !found.vanished)) return [];
    const reason = found.vanished ? 'group gone' : 'groups shrank';
    return [{ job: watch.job, reason, lost, scope: watch.scope, at }];
  });
}

/** The first one stays the beginning of it; the latest says why. */
export async function keepSuspicions(db: Kysely<Tables>, suspicions: readonly Suspicion[]): Promise<void> {
  for (const { job, reason, lost, scope, at } of suspicions) {
    const values = { reason: suspicionReason.of(reason), lost, scope };
    await db
      .insertInto('suspicions')
      .values({ job, ...values, at })
      .onConflict((conflict) => conflict.column('job').doUpdateSet(values))
      .execute();
  }
}

export async function allSuspicions(db: Kysely<Tables>): Promise<Suspicion[]> {
  const rows = await db.selectFrom('suspicions').selectAll().orderBy('job').execute();
  return rows.map(({ reason, ...row }) => ({ ...row, reason: suspicionReason.word(reason) }));
}

/** Those that began before `at` and hold nothing are over; so are those of one job when `job` is given. */
export async function dropIdle(
  db: Kysely<Tables>,
  { job, before }: { job?: string; before: number },
): Promise<void> {
  await db
    .deleteFrom('suspicions')
    .where('at', '<', before)
    .$if(job !== undefined, (query) => query.where('job', '=', job ?? ''))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('removals')
            .select('removals.job')
            .whereRef('removals.job', '=', 'suspicions.job')
            .where('removals.state', '=', removalState.of('held')),
        ),
      ),
    )
    .execute();
}
