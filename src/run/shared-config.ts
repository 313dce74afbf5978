import type { Config } from '../kit/config/config.ts';
import type { PostgresConfig, ServiceBusConfig } from '../kit/config/stores-config.ts';

/** A configuration whose queue and ledger several processes share. */
export type SharedConfig = Config & { readonly queue: ServiceBusConfig; readonly ledger: PostgresConfig };

/** Queue and ledger are shared, or neither is: the configuration knows no half of it. */
export function isShared(config: Config): config is SharedConfig {
  return config.queue.kind === 'serviceBus' && config.ledger.kind === 'postgres';
}
