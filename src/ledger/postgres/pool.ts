import type { PostgresPool } from 'kysely';
import { Pool, types, type CustomTypesConfig, type PoolClient, type PoolConfig } from 'pg';
import type { Log } from '../../kit/log.ts';
import { Fault } from '../../model/fault.ts';
import { LedgerClient, StatementNames } from './client.ts';
import { faultOf } from './faults.ts';
import { readAddress } from './address.ts';

export interface PoolOptions {
  /** `postgres://login:password@host:port/database`; may hold a secret, and is never logged. */
  readonly url: string;
  /**
   * The server's certificate is checked against the system's authorities, or those in `ca` (PEM) alone. `off`: nothing is
   * encrypted, which only a connection that leaves no machine can afford. Sockets of Unix never are.
   */
  readonly tls?: { readonly ca?: string } | 'off';
  /** In place of a password in the address: asked for each new connection, so a token may be as short-lived as it likes. */
  readonly password?: () => Promise<string>;
  /** Connections at the most; 10 unless given. None is held while nobody works. */
  readonly poolSize?: number;
  /** A statement that takes longer (ms) is cancelled; 30 s unless given. */
  readonly statementTimeoutMs?: number;
  /** What the server shows of us in `pg_stat_activity`. */
  readonly applicationName?: string;
  readonly log: Log;
}

const POOL_SIZE = 10;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that stops in the middle of its work (a frozen machine) holds up the others for so long, and no longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** Above it, so that who waits behind such a process gets through in the end. */
const LOCK_TIMEOUT_MS = 15_000;
/** The server's own limits come first; this one is for a server that does not answer at all. */
const SILENCE_MS = 5_000;
/** For a connection, a free place in the pool included. */
const CONNECT_MS = 10_000;
/** A connection that nobody uses is given back to the server. */
const UNUSED_MS = 10_000;
/** Now and then a new one: plans, routes and passwords of yesterday go with the old. */
const LIFETIME_S = 30 * 60;

/** Compiling a plan pays for reports over everything; the ledger's statements take less time than that. */
const SETTINGS = '-c jit=off';

export function openPool(options: PoolOptions): PostgresPool {
  const { log } = options;
  const pool = new Pool(configOf(options));
  const names = new StatementNames();
  const clients = new WeakMap<PoolClient, LedgerClient>();
  pool.on('error', (error) => {
    const fault = faultOf(error);
    log.tell('ledger-connection-lost', {
      code: fault instanceof Fault ? (fault.code ?? 'none') : 'none',
    });
  });
  return {
    options: {},
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw faultOf(error);
      });
      const known = clients.get(client) ?? new LedgerClient(client, names);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function configOf(options: PoolOptions): PoolConfig {
  const { poolSize = POOL_SIZE, statementTimeoutMs = STATEMENT_TIMEOUT_MS, password } = options;
  return {
    ...readAddress(options),
    ...(password === undefined ? {} : { password }),
    max: poolSize,
    application_name: options.applicationName ?? 'contact-sync',
    options: SETTINGS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: UNUSED_MS,
    maxLifetimeSeconds: LIFETIME_S,
    keepAlive: true,
    types: numbers,
  };
}

/** Keys, times and counts are whole numbers that JavaScript keeps exactly, or something is badly wrong. */
function exactly(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('The ledger holds a number beyond 2^53.');
  return number;
}

const numbers: CustomTypesConfig = {
  getTypeParser: (oid, format): unknown =>
    oid === types.builtins.INT8 ? exactly : types.getTypeParser(oid, format),
};
