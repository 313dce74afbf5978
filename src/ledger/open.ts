import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Kysely } from 'kysely';
import type { Ledger } from '../engine/ledger-port.ts';
import { silentLog, type Log } from '../kit/log.ts';
import { createAudits } from './audits.ts';
import { createBook } from './book.ts';
import { createCards } from './cards.ts';
import { createCounters } from './counters.ts';
import { createCrew } from './crew.ts';
import type { Dialect } from './dialect.ts';
import { createGuardBook } from './guard-book.ts';
import { createHalts } from './halts.ts';
import { createKeptOut } from './kept-out.ts';
import { createLeases } from './leases.ts';
import { createLinks } from './links.ts';
import { createMailboxes } from './mailboxes.ts';
import { createMemberships } from './memberships.ts';
import { migrate } from './migrate.ts';
import { createOutbox } from './outbox.ts';
import { createPhotos } from './photos.ts';
import { createPlaces } from './places.ts';
import { createRecord } from './record.ts';
import { createTraces } from './traces.ts';
import { createRoutes } from './routes.ts';
import { createSession } from './session.ts';
import { createSetbacks } from './setbacks.ts';
import { createSlabs } from './slabs.ts';
import { SqliteConnection } from './sqlite/connection.ts';
import { sqlite } from './sqlite/dialect.ts';
import { createSubscriptionBook } from './subscription-book.ts';
import type { Tables } from './tables.ts';
import { createThrottles } from './throttles.ts';
import { createTokens } from './tokens.ts';

/** How long a statement waits for another process of ours (`approve`, `status`) to end its transaction. */
const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 32 * 1024;
/** What a checkpoint leaves of the write-ahead log on the disk. */
const LOG_FILE_BYTES = 16 * 1024 * 1024;

/**
 * The ledger over a database that is opened elsewhere and stays open when the ledger closes. Whoever opens takes the
 * handle over: an earlier ledger over it fails with `lease-lost` from then on, and its open transaction is rolled back.
 * Throws when the schema is newer than this version.
 */
export async function openLedger(options: {
  readonly database: Database;
  readonly log?: Log;
}): Promise<Ledger> {
  const { database } = options;
  const connection = new SqliteConnection(database);
  configure(database);
  return openOver(sqlite(connection.dialect()), options.log ?? silentLog);
}

/** The ledger in a file of its own; `close` closes the file. */
export async function openLedgerFile(options: {
  readonly path: string;
  readonly log?: Log;
}): Promise<Ledger> {
  const database = new SqliteDatabase(options.path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const ledger = await openLedger({ ...options, database });
    return {
      ...ledger,
      close: async () => {
        await ledger.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** FULL: a commit that was acknowledged survives a power cut, also with a write-ahead log. https://sqlite.org/pragma.html#pragma_synchronous */
function configure(database: Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`journal_size_limit = ${LOG_FILE_BYTES}`);
}

/** The nouns over a database, brought to the current schema; `close` lets go of the database. */
export async function openOver(dialect: Dialect, log: Log): Promise<Ledger> {
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  await migrate(db, dialect, log);
  const session = createSession(db, dialect);
  return {
    routes: createRoutes(session),
    cards: createCards(session),
    mailboxes: createMailboxes(session),
    places: createPlaces(session),
    slabs: createSlabs(session),
    links: createLinks(session),
    audits: createAudits(session),
    book: createBook(session),
    memberships: createMemberships(session),
    tokens: createTokens(session),
    subscriptions: createSubscriptionBook(session),
    guard: createGuardBook(session),
    halts: createHalts(session),
    keptOut: createKeptOut(session),
    record: createRecord(session),
    traces: createTraces(session),
    photos: createPhotos(session),
    outbox: createOutbox(session),
    counters: createCounters(session),
    throttles: createThrottles(session),
    leases: createLeases(session),
    crew: createCrew(session),
    setbacks: createSetbacks(session),
    close: () => db.destroy(),
  };
}
