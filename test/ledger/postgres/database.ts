import type { PostgresPool } from 'kysely';
import type { Client } from 'pg';
import type { Ledger } from '../../../src/engine/ledger-port.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { openOver } from '../../../src/ledger/open.ts';
import { postgres } from '../../../src/ledger/postgres/dialect.ts';
import { LedgerDialect } from '../../../src/ledger/postgres/kysely-dialect.ts';
import { openPool } from '../../../src/ledger/postgres/pool.ts';

type Query = (text: string, parameters: readonly unknown[]) => Promise<unknown>;

/** A ledger whose every statement goes through `meddle`. */
export async function openMeddled(url: string, meddle: (query: Query) => Query): Promise<Ledger> {
  const pool = openPool({ url, tls: 'off', log: silentLog });
  try {
    return await openOver(postgres(new LedgerDialect(meddled(pool, meddle))), silentLog);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function meddled(pool: PostgresPool, meddle: (query: Query) => Query): PostgresPool {
  return {
    ...pool,
    connect: async () => {
      const client = await pool.connect();
      const query = meddle(client.query.bind(client) as Query);
      return new Proxy(client, {
        get: (target, name): unknown => {
          if (name === 'query') return query;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

/** When statements begin to fail, and how. */
export interface Trouble {
  /** The statement that fails, counted from 1 since the trouble began; none when infinite. */
  at: number;
  /** Whether the connection is lost with it, as when a process dies; else the statement alone fails. */
  cut: boolean;
  /** Statements executed so far. */
  count: number;
}

const CUT = 'select pg_terminate_backend(pg_backend_pid())';

export function openTroubled(url: string, trouble: Trouble): Promise<Ledger> {
  return openMeddled(url, (query) => (text, parameters) => {
    trouble.count++;
    if (trouble.count !== trouble.at) return query(text, parameters);
    return trouble.cut ? query(CUT, []) : Promise.reject(new Error('planted fault'));
  });
}

/** Opens a ledger in a process that dies at its n-th statement. */
export async function dying(url: string, at: number): Promise<void> {
  await (await openTroubled(url, { at, cut: true, count: 0 })).close();
}

const EVERYTHING = `select tablename as name,
  query_to_xml(format('select * from %I as t order by t::text', tablename), true, false, '')::text as rows
  from pg_tables where schemaname = current_schema() order by 1`;

/** Every row of every table, to compare before and after. */
export async function contents(client: Client): Promise<unknown[]> {
  return (await client.query<object>(EVERYTHING)).rows;
}
