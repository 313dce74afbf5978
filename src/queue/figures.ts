import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import Database, { type Database as Handle } from 'better-sqlite3';
import type { QueueDepth } from '../engine/queue-port.ts';
import type { QueueName } from './messages.ts';
import type { StoredDeadLetter, StoredWaiting } from './operations.ts';
import { LAYOUT_VERSION } from './schema.ts';

/** What waits, is held and is dead. Reads only, so a second process may ask beside a running service. */
export interface Figures {
  depth(now: number): QueueDepth;
  peek(limit: number): StoredWaiting[];
  deadLetters(limit: number): StoredDeadLetter[];
}

interface Counted {
  readonly due: number;
  readonly delayed: number;
  readonly oldest: number | null;
}

/** `due` counts a message also while another of its key is being handled; the inbox is counted before merging. */
export function createFigures(database: Handle, queue: QueueName): Figures {
  const waiting = database.prepare<[{ now: number }], Counted>(
    `WITH waiting (due) AS (
       SELECT due FROM ${queue}_message WHERE token IS NULL
       UNION ALL SELECT envelope.value ->> '$[2]' FROM ${queue}_inbox, json_each(messages) AS envelope
     )
     SELECT count(*) FILTER (WHERE due <= @now) AS due, count(*) FILTER (WHERE due > @now) AS delayed,
            min(due) FILTER (WHERE due <= @now) AS oldest
     FROM waiting`,
  );
  const held = database.prepare<[], { count: number }>(
    `SELECT count(*) AS count FROM ${queue}_message WHERE token IS NOT NULL`,
  );
  const dead = database.prepare<[], { count: number }>(`SELECT count(*) AS count FROM ${queue}_dead`);
  const letters = database.prepare<[number], StoredDeadLetter>(
    `SELECT id, key, body, reason, at FROM ${queue}_dead ORDER BY id LIMIT ?`,
  );
  const messages = database.prepare<[number], StoredWaiting>(
    `SELECT body, due, token IS NOT NULL AS held, attempts FROM ${queue}_message
     UNION ALL SELECT envelope.value ->> '$[4]', envelope.value ->> '$[2]', 0, 0
       FROM ${queue}_inbox, json_each(messages) AS envelope
     LIMIT ?`,
  );
  return {
    depth(now) {
      const counted = waiting.get({ now }) ?? { due: 0, delayed: 0, oldest: null };
      return {
        due: counted.due,
        delayed: counted.delayed,
        held: held.get()?.count ?? 0,
        dead: dead.get()?.count ?? 0,
        oldestDueMs: counted.oldest === null ? 0 : Math.max(0, now - counted.oldest),
      };
    },
    peek: (limit) => messages.all(limit),
    deadLetters: (limit) => letters.all(limit),
  };
}

/** Depths of a file that another process may be writing; null when there is none yet. Changes nothing. */
export function readDepths(file: string, now: number): Readonly<Record<QueueName, QueueDepth>> | null {
  if (!existsSync(file)) return null;
  const database = new Database(file, { readonly: true });
  try {
    if (database.pragma('user_version', { simple: true }) !== LAYOUT_VERSION) return null;
    return {
      changes: createFigures(database, 'changes').depth(now),
      writes: createFigures(database, 'writes').depth(now),
    };
  } finally {
    database.close();
  }
}

/** Where a database file says what it is, and which version of an application's layout: https://sqlite.org/fileformat2.html */
const HEADER = { bytes: 100, magic: 'SQLite format 3\0', version: 60 } as const;

/**
 * Whether a queue file that nobody has open is one of this version. Opening would leave files for its log beside it, so only
 * its head is read; null for what is no database.
 */
export function isOfThisLayout(file: string): boolean | null {
  const head = Buffer.alloc(HEADER.bytes);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head, { position: 0 });
  } finally {
    closeSync(descriptor);
  }
  if (head.toString('latin1', 0, HEADER.magic.length) !== HEADER.magic) return null;
  return head.readUInt32BE(HEADER.version) === LAYOUT_VERSION;
}
