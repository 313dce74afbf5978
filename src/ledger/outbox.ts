import type { Kysely } from 'kysely';
import type { Outbox, OutboxEntry } from '../engine/ledger-books.ts';
import { cause, changeKind } from './codes.ts';
import type { Session } from './session.ts';
import type { OutboxTable, Tables } from './tables.ts';

export function createOutbox({ db, rows }: Session): Outbox {
  return {
    read: async (limit) => {
      const found = await db.selectFrom('outbox').selectAll().orderBy('entry').limit(limit).execute();
      return found.map((row) => ({ ...row, kind: changeKind.word(row.kind), cause: cause.word(row.cause) }));
    },
    sent: async (entries) => {
      const listed = rows<{ entry: number }>(
        { entry: 'integer' },
        entries.map((entry) => ({ entry })),
      );
      await db
        .deleteFrom('outbox')
        .where('entry', 'in', (eb) => eb.selectFrom(listed.as('sent')).select('sent.entry'))
        .execute();
    },
  };
}

/**
 * Puts changes into the outbox, within the transaction that decided them. Never merged with one that waits: that one may
 * be on its way already, and its object may be read before this transaction is visible.
 */
export async function announce(
  db: Kysely<Tables>,
  rows: Session['rows'],
  changes: readonly Omit<OutboxEntry, 'entry'>[],
): Promise<void> {
  if (changes.length === 0) return;
  const listed = rows<Omit<OutboxTable, 'entry'>>(
    { kind: 'integer', tenant: 'text', id: 'text', cause: 'integer', at: 'integer' },
    changes.map((change) => ({ ...change, kind: changeKind.of(change.kind), cause: cause.of(change.cause) })),
  );
  await db
    .insertInto('outbox')
    .columns(['kind', 'tenant', 'id', 'cause', 'at'])
    .expression((eb) =>
      eb.selectFrom(listed.as('c')).select(['c.kind', 'c.tenant', 'c.id', 'c.cause', 'c.at']),
    )
    .execute();
}
