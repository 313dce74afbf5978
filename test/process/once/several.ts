import { startPostgres } from '../../postgres/start.ts';
import { install, type Installation, type InstallationOptions } from '../installation.ts';
import { openSharedStores, type SharedStores } from '../shared-stores.ts';

/** An installation beside stores that several processes share, before anything has started. */
export interface Shared {
  readonly on: Installation;
  readonly stores: SharedStores;
  close(): Promise<void>;
}

export async function installShared(options: Omit<InstallationOptions, 'stores'>): Promise<Shared> {
  const server = await startPostgres();
  const stores = await openSharedStores(server);
  const on = await install({ ...options, stores: () => stores });
  return {
    on,
    stores,
    close: async () => {
      await on.close();
      await server.close();
    },
  };
}
