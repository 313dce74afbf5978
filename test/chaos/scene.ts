import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type PostgresServer } from '../postgres/start.ts';
import { CURRENT_KEY } from '../process/configuration.ts';
import { freePort } from '../process/free-port.ts';
import { fileStores } from '../process/file-stores.ts';
import { install, TIMING, type Gate, type Installation } from '../process/installation.ts';
import { SHARED_KEYS, sharedEnv } from '../process/shared-stores.ts';
import { BusProgram } from './bus-program.ts';
import type { Member } from './fleet.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';

/** A call on the way when its process dies is carried out before that, on a machine that does much else. */
const GATEWAY_TIMEOUT = '2s';
/** So long that most workers die with calls on the way. */
const LATENCY_MS = 60;
/** The removals of a run are many people's, and nobody is there to approve them. */
const GUARD = { count: 100_000, percent: 100 };
const WORKERS = 3;
const KEEPERS = 2;

/** What the processes stand on: the tenant, the double of the bus, PostgreSQL, and one public address. */
export interface Scene {
  readonly on: Installation;
  readonly bus: BusProgram;
  readonly database: PostgresServer;
  readonly forwarder: Forwarder;
  readonly members: readonly Member[];
  /** Whatever is kept outside the mailboxes is in one of these. */
  readonly folders: readonly string[];
  close(): Promise<void>;
}

export async function setScene(of: {
  people: number;
  mailboxes: number;
  seed: number;
  gate: Gate;
}): Promise<Scene> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-chaos-'));
  const bus = await BusProgram.start(folder, await freePort());
  const database = await startPostgres();
  const env = sharedEnv(bus.connectionString, await database.database());
  const on = await install({ ...of, env, latencyMs: LATENCY_MS, stores: fileStores });
  const receiving = [await freePort(), await freePort()];
  const forwarder = await startForwarder(receiving);
  const files = await configure(on, forwarder.port, receiving);
  return {
    on,
    bus,
    database,
    forwarder,
    members: [
      ...files.map((file, index) => member('receiver', index, ['--config', file])),
      ...Array.from({ length: WORKERS }, (_, index) => member('worker', index)),
      ...Array.from({ length: KEEPERS }, (_, index) => member('keeper', index)),
    ],
    folders: [on.folder, folder, database.data],
    close: async () => {
      await on.close();
      await forwarder.close();
      await bus.kill();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function member(role: Member['role'], index: number, args: readonly string[] = []): Member {
  return { name: `${role}-${index + 1}`, role, args };
}

/** One file for all, and one for each receiver, which differs by where it listens only; returns the receivers'. */
async function configure(
  on: Installation,
  port: number,
  receiving: readonly number[],
): Promise<readonly string[]> {
  const notifications = (listen: number) => ({
    publicUrl: `http://127.0.0.1:${port}`,
    listen: `127.0.0.1:${listen}`,
    clientStateKey: `env:${CURRENT_KEY}`,
  });
  const [first = 0] = receiving;
  await on.configure({
    jobs: { staff: { groups: [on.population.source.id], guard: GUARD } },
    timing: { ...TIMING, gatewayTimeout: GATEWAY_TIMEOUT },
    more: { ...SHARED_KEYS, notifications: notifications(first) },
  });
  const whole: unknown = JSON.parse(await readFile(path.join(on.folder, 'contact-sync.yaml'), 'utf8'));
  return Promise.all(
    receiving.map(async (listen, index) => {
      const file = path.join(on.folder, `receiver-${index + 1}.yaml`);
      await writeFile(file, JSON.stringify({ ...(whole as object), notifications: notifications(listen) }));
      return file;
    }),
  );
}
