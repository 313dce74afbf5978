import type { Ledger } from '../../engine/ledger-port.ts';
import { silentLog, type Log } from '../../kit/log.ts';
import { openOver } from '../open.ts';
import { postgres } from './dialect.ts';
import { LedgerDialect } from './kysely-dialect.ts';
import { openPool, type PoolOptions } from './pool.ts';

/**
 * The ledger in a PostgreSQL database of its own, shared by any number of processes; brought to the current schema by the
 * first of them. Throws `Fault`s: `unavailable` where the database is away, `unauthorized` where it refuses the login; a
 * plain error for an address that is none, and for a schema that is newer than this version.
 */
export async function openPostgresLedger(
  options: Omit<PoolOptions, 'log'> & { readonly log?: Log },
): Promise<Ledger> {
  const log = options.log ?? silentLog;
  const pool = openPool({ ...options, log });
  try {
    return await openOver(postgres(new LedgerDialect(pool)), log);
  } catch (error) {
    await pool.end();
    throw error;
  }
}
