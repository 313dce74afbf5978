import type { IdentityConfig } from './credential-config.ts';
import type { Secret } from './secret.ts';

/** Where messages wait: a file in the data folder, or a bus between processes. */
export type QueueConfig = { readonly kind: 'sqlite' } | ServiceBusConfig;

export interface ServiceBusConfig {
  readonly kind: 'serviceBus';
  readonly access:
    | { readonly kind: 'connectionString'; readonly text: Secret }
    /** `namespace`: its host name. */
    | { readonly kind: 'identity'; readonly namespace: string; readonly identity: IdentityConfig };
  /** Sessions that keys fall into. */
  readonly buckets: number;
  /** Names of the queues. */
  readonly changes: string;
  readonly writes: string;
}

/** Where the ledger lies: a file in the data folder, or a database that several processes share. */
export type LedgerConfig = { readonly kind: 'sqlite' } | PostgresConfig;

export interface PostgresConfig {
  readonly kind: 'postgres';
  readonly url: Secret;
  /** Whose token stands in for a password; null: the url brings its own. */
  readonly identity: IdentityConfig | null;
  /** Connections of one process, at most. */
  readonly pool: number;
  /** Absolute path of a PEM file; null: the authorities that Node knows. */
  readonly ca: string | null;
  readonly statementTimeoutMs: number;
}
