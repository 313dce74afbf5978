import type { Kysely } from 'kysely';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/**
 * What a mailbox asked for stands with the mailbox, where it has a row; of any other (pictures are read from people's mailboxes,
 * and folders of ours are searched for in all of them) it stands in `waits`.
 */
export function wait(
  { rows, write }: Session,
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
  return write(async (tx) => {
    await tx
      .updateTable('mailboxes')
      .from(listed.as('w'))
      .set((eb) => ({ not_before: eb.ref('w.until') }))
      .whereRef('mailboxes.tenant', '=', 'w.tenant')
      .whereRef('mailboxes.owner', '=', 'w.owner')
      .whereRef('mailboxes.not_before', '<', 'w.until')
      .execute();
    await tx
      .insertInto('waits')
      .columns(['tenant', 'owner', 'until'])
      .expression((eb) =>
        eb
          .selectFrom(listed.as('w'))
          .select(['w.tenant', 'w.owner', 'w.until'])
          .where('w.until', '>', 0)
          .where((eb) =>
            eb.not(
              eb.exists(
                eb
                  .selectFrom('mailboxes as m')
                  .select('m.key')
                  .whereRef('m.tenant', '=', 'w.tenant')
                  .whereRef('m.owner', '=', 'w.owner'),
              ),
            ),
          ),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'owner'])
          .doUpdateSet((eb) => ({ until: eb.ref('excluded.until') }))
          .whereRef('waits.until', '<', 'excluded.until'),
      )
      .execute();
  });
}

/** Until when those of the owners' mailboxes ask to be left alone that do so now. */
export async function resting(
  { db, rows }: Session,
  tenant: string,
  { owners, now }: { owners: readonly string[]; now: number },
): Promise<ReadonlyMap<string, number>> {
  const listed = rows<{ owner: string }>(
    { owner: 'text' },
    [...new Set(owners)].map((owner) => ({ owner })),
  );
  const known = await db
    .selectFrom('mailboxes')
    .where('tenant', '=', tenant)
    .where('owner', 'in', (eb) => eb.selectFrom(listed.as('l')).select('l.owner'))
    .where('not_before', '>', now)
    .select(['owner', 'not_before as until'])
    .orderBy('key')
    .execute();
  const others = await db
    .selectFrom('waits')
    .where('tenant', '=', tenant)
    .where('owner', 'in', (eb) => eb.selectFrom(listed.as('l')).select('l.owner'))
    .where('until', '>', now)
    .select(['owner', 'until'])
    .orderBy('owner')
    .execute();
  return new Map([...known, ...others].map(({ owner, until }) => [owner, until]));
}

/** What a mailbox asked for before it got its row: 0 where it did not. It stands with the mailbox from here on. */
export async function takeWait(db: Kysely<Tables>, tenant: string, owner: string): Promise<number> {
  const taken = await db
    .deleteFrom('waits')
    .where('tenant', '=', tenant)
    .where('owner', '=', owner)
    .returning('until')
    .executeTakeFirst();
  return taken?.until ?? 0;
}

/** Of mailboxes that were forgotten, what they asked for still holds. */
export async function keepWaits(
  db: Kysely<Tables>,
  rows: Session['rows'],
  forgotten: readonly Pick<Tables['mailboxes'], 'tenant' | 'owner' | 'not_before'>[],
): Promise<void> {
  const asked = forgotten.filter(({ not_before }) => not_before > 0);
  if (asked.length === 0) return;
  const listed = rows<Tables['waits']>(
    { tenant: 'text', owner: 'text', until: 'integer' },
    asked.map(({ tenant, owner, not_before: until }) => ({ tenant, owner, until })),
  );
  const columns = ['tenant', 'owner', 'until'] as const;
  await db
    .insertInto('waits')
    .columns(columns)
    .expression((eb) => eb.selectFrom(listed.as('w')).select(columns))
    .execute();
}
