import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { openReceiver } from '../../src/run/receiver-service.ts';
import type { RoleName } from '../../src/run/role-name.ts';
import type { Service, Surroundings } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { startPostgres } from '../postgres/start.ts';
import { startServiceBus } from '../service-bus/start.ts';

/** What the audience sees work: one service, or several that share queue and ledger. */
export type Cast = Pick<Service, 'run' | 'sweep' | 'audit' | 'close'>;

/** A double of the bus and a real PostgreSQL, and what the configuration says of them. */
export interface SharedStores {
  /** Lines of `contact-sync.yaml`. */
  readonly lines: string;
  /** What the lines refer to. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that they keep, as raw bytes. */
  readonly folders: readonly string[];
  close(): Promise<void>;
}

const WORKERS = 2;
/** The keeper looks every two seconds whether it may be one. */
const RETIRED_MS = 20;

/** `folder`: where the bus writes down its messages. */
export async function openSharedStores(folder: string): Promise<SharedStores> {
  const settings = { requiresSession: true, maxDeliveryCount: 2_000 };
  const bus = await startServiceBus({
    queues: { changes: settings, writes: settings },
    file: path.join(folder, 'bus.journal'),
  });
  const database = await startPostgres().catch(async (error: unknown) => {
    await bus.close();
    throw error;
  });
  return {
    lines: [
      'queue: { serviceBus: { connectionString: env:BUS, buckets: 16 } }',
      'ledger: { postgres: { url: env:LEDGER_URL } }',
      'deployment: demo',
      'fingerprintKey: env:FINGERPRINT_KEY',
      '',
    ].join('\n'),
    environment: {
      BUS: bus.connectionString,
      LEDGER_URL: `${await database.database()}?sslmode=disable`,
    },
    folders: [database.data],
    close: async () => {
      await bus.close();
      await database.close();
    },
  };
}

/** A receiver, two workers and a keeper, each with stores and connections of its own, as if in a process of its own. */
export async function openSeveral(config: Config, surroundings: Surroundings): Promise<Cast> {
  const { onProgress: _shown, ...quiet } = surroundings;
  const receiver = openReceiver(config, quiet);
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () => openService(config, quiet, 'worker')),
  );
  const openKeeper = (told: Surroundings): Promise<Service> =>
    openService(config, told, 'keeper' satisfies RoleName);
  let keeper = await openKeeper(surroundings);
  let retire = new AbortController();
  let keeping: Promise<void> = Promise.resolve();
  const keep = (signal: AbortSignal): void => {
    retire = new AbortController();
    keeping = keeper.run(AbortSignal.any([signal, retire.signal]));
  };
  // What is done by hand is for the hours in which there is no keeper.
  const asKeeper = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    retire.abort();
    await keeping;
    await systemClock.sleep(RETIRED_MS);
    const report = await work();
    await keeper.close();
    keeper = await openKeeper(quiet);
    keep(signal);
    return report;
  };
  return {
    run: async (signal) => {
      keep(signal);
      await Promise.all([receiver, ...workers].map((one) => one.run(signal)));
      await keeping;
    },
    sweep: (signal) => asKeeper(signal, () => keeper.sweep(signal)),
    audit: (signal, asked) => asKeeper(signal, () => keeper.audit(signal, asked)),
    close: async () => {
      for (const one of [keeper, ...workers, receiver]) await one.close();
    },
  };
}
