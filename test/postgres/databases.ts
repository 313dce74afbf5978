import { randomBytes } from 'node:crypto';
import { withClient } from './client.ts';

/** The databases of a server, for whoever knows its address. */
export interface Databases {
  /** The address of a new, empty database. */
  database(): Promise<string>;
  /** The address of a new database with everything that is in the other, to which nobody may be connected. */
  copyOf(address: string): Promise<string>;
  /** Forgets every row of a migrated ledger, many times faster than a copy is made. */
  empty(address: string): Promise<void>;
  /** Removes it with everything in it, and whoever is still connected. */
  drop(address: string): Promise<void>;
}

const EMPTY = `do $$ begin execute (
  select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'
  from pg_tables where schemaname = current_schema() and tablename not like 'migrations%'
); end $$`;

/** `address`: of a database of the server that stays as it is; nobody else is asked where others are. */
export function databasesAt(address: string): Databases {
  const create = async (template: string): Promise<string> => {
    // Several processes make databases at one server.
    const name = `d${randomBytes(6).toString('hex')}`;
    await command(address, `create database ${name} template ${template}`);
    const made = new URL(address);
    made.pathname = `/${name}`;
    return made.href;
  };
  return {
    database: () => create('template0'),
    copyOf: (other) => create(nameIn(other)),
    empty: (other) => command(other, EMPTY),
    drop: (other) => command(address, `drop database ${nameIn(other)} with (force)`),
  };
}

function nameIn(address: string): string {
  return new URL(address).pathname.slice(1);
}

async function command(address: string, text: string): Promise<void> {
  await withClient(address, (client) => client.query(text));
}
