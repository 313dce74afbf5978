import type { Database as Handle, Statement } from 'better-sqlite3';
import { decode, type MessageKind } from './messages.ts';
import type { Envelope } from './operations.ts';

/** A row of the `message` table. */
export interface StoredMessage {
  readonly id: number;
  readonly key: string;
  readonly mergeKey: string | null;
  readonly body: string;
  readonly due: number;
  readonly enqueuedAt: number;
  readonly attempts: number;
}

/** Where messages wait: sorting in, merging, burying. Everything here runs inside the caller's transaction. */
export interface Shelf {
  /** Sorts in messages from the inbox, row by row, until `limit` is reached. */
  absorb(limit: number, now: number): void;
  inboxIsEmpty(): boolean;
  /** Gives a held message back to those that wait, merged with its younger twin where there is one. */
  putBack(message: StoredMessage, now: number): void;
  bury(message: StoredMessage, reason: string, at: number): void;
  remove(id: number): void;
}

/** A message that waits under the same merge key, and what it says. */
interface Twin<Body> {
  readonly row: StoredMessage;
  readonly body: Body;
}

export const MESSAGE_FIELDS = 'id, key, mergeKey, body, due, enqueuedAt, attempts';

export function createShelf<Body>(database: Handle, kind: MessageKind<Body>): Shelf {
  const sql = prepare(database, kind.name);

  function absorb(limit: number, now: number): void {
    for (let taken = 0; taken < limit;) {
      const row = sql.firstInInbox.get();
      if (row === undefined) return;
      const envelopes = openRow(row.messages);
      for (const envelope of envelopes) {
        if (isEnvelope(envelope)) sortIn(envelope, now);
        else sql.bury.run('', JSON.stringify(envelope), 'malformed: envelope', now);
      }
      sql.leaveInbox.run(row.id);
      taken += envelopes.length;
    }
  }

  function sortIn([key, mergeKey, due, sentAt, value]: Envelope, now: number): void {
    const read = kind.read(value);
    if (!read.ok) {
      sql.bury.run(key, JSON.stringify(value), read.reason, now);
      return;
    }
    const twin = waitingTwin(mergeKey, now);
    if (twin === undefined) {
      sql.insert.run(key, mergeKey, JSON.stringify(read.body), due, sentAt);
    } else {
      const { row } = twin;
      const body = JSON.stringify(kind.merge(twin.body, read.body));
      sql.rewrite.run(body, Math.min(row.due, due), Math.min(row.enqueuedAt, sentAt), row.attempts, row.id);
    }
    sql.lowerDue.run(key, due);
  }

  function putBack(message: StoredMessage, now: number): void {
    const twin = waitingTwin(message.mergeKey, now);
    const read = decode(kind, message.body);
    if (!read.ok) return bury(message, read.reason, now);
    if (twin === undefined) {
      sql.release.run(message.due, message.attempts, message.id);
      return;
    }
    const { row } = twin;
    const body = JSON.stringify(kind.merge(read.body, twin.body));
    const enqueuedAt = Math.min(message.enqueuedAt, row.enqueuedAt);
    const attempts = Math.max(message.attempts, row.attempts);
    sql.rewrite.run(body, Math.min(message.due, row.due), enqueuedAt, attempts, row.id);
    sql.remove.run(message.id);
  }

  function waitingTwin(mergeKey: string | null, now: number): Twin<Body> | undefined {
    const row = mergeKey === null ? undefined : sql.waitingUnder.get(mergeKey);
    if (row === undefined) return undefined;
    const read = decode(kind, row.body);
    if (read.ok) return { row, body: read.body };
    bury(row, read.reason, now);
    return undefined;
  }

  function bury(message: StoredMessage, reason: string, at: number): void {
    sql.bury.run(message.key, message.body, reason, at);
    sql.remove.run(message.id);
  }

  return {
    absorb,
    inboxIsEmpty: () => sql.firstInInbox.get() === undefined,
    putBack,
    bury,
    remove: (id) => void sql.remove.run(id),
  };
}

/** A damaged row must not stop those behind it: whatever cannot be read ends among the dead, as it is. */
function openRow(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [text];
  } catch {
    return [text];
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const [key, mergeKey, due, sentAt] = value as readonly unknown[];
  const named = typeof key === 'string' && (mergeKey === null || typeof mergeKey === 'string');
  return named && Number.isSafeInteger(due) && Number.isSafeInteger(sentAt);
}

/**
 * Raw statements, prepared once, here and in leases.ts: a query builder that prepares each time costs 8 to 32
 * times as much, and this is the path that a notification waits for.
 */
function prepare(database: Handle, queue: string) {
  const one = <Bind extends unknown[], Row>(sql: string): Statement<Bind, Row> =>
    database.prepare<Bind, Row>(sql);
  return {
    firstInInbox: one<[], { id: number; messages: string }>(
      `SELECT id, messages FROM ${queue}_inbox ORDER BY id LIMIT 1`,
    ),
    leaveInbox: one<[number], never>(`DELETE FROM ${queue}_inbox WHERE id = ?`),
    waitingUnder: one<[string], StoredMessage>(
      `SELECT ${MESSAGE_FIELDS} FROM ${queue}_message WHERE mergeKey = ? AND token IS NULL`,
    ),
    insert: one<[string, string | null, string, number, number], never>(
      `INSERT INTO ${queue}_message (key, mergeKey, body, due, enqueuedAt, attempts) VALUES (?, ?, ?, ?, ?, 0)`,
    ),
    rewrite: one<[string, number, number, number, number], never>(
      `UPDATE ${queue}_message SET body = ?, due = ?, enqueuedAt = ?, attempts = ? WHERE id = ?`,
    ),
    release: one<[number, number, number], never>(
      `UPDATE ${queue}_message SET token = NULL, due = ?, attempts = ? WHERE id = ?`,
    ),
    lowerDue: one<[string, number], never>(
      `INSERT INTO ${queue}_key (key, due) VALUES (?, ?)
       ON CONFLICT (key) DO UPDATE SET due = excluded.due WHERE token IS NULL AND due > excluded.due`,
    ),
    bury: one<[string, string, string, number], never>(
      `INSERT INTO ${queue}_dead (key, body, reason, at) VALUES (?, ?, ?, ?)`,
    ),
    remove: one<[number], never>(`DELETE FROM ${queue}_message WHERE id = ?`),
  };
}
