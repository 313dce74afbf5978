import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Broker } from './broker.ts';
import { messagesContract } from './contract-messages.ts';
import { sessionsContract } from './contract-sessions.ts';
import { readEmulatorConfig } from './emulator-config.ts';
import { startServiceBus } from './start.ts';

/** The lock duration that queues.json asks for; the double is not made to wait for it. */
const LOCK_MS = 5_000;
const DOUBLE_LOCK_MS = 1_500;

/** Runs the suite also against the official emulator or a real namespace: see README.md. */
const given = process.env['CONTACT_SYNC_TEST_SERVICE_BUS'];

interface Opened extends Broker {
  readonly close: () => Promise<void>;
}

async function openDouble(): Promise<Opened> {
  const queues = readEmulatorConfig(readFileSync(new URL('./queues.json', import.meta.url), 'utf8'));
  const bus = await startServiceBus({
    queues: Object.fromEntries(
      Object.entries(queues).map(([name, settings]) => [
        name,
        { ...settings, lockDurationMs: DOUBLE_LOCK_MS },
      ]),
    ),
  });
  const client = new ServiceBusClient(bus.connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 2_500 },
  });
  return {
    client,
    lockMs: DOUBLE_LOCK_MS,
    quietMs: 60,
    close: async () => {
      await client.close();
      await bus.close();
    },
  };
}

async function openGiven(connectionString: string): Promise<Opened> {
  const client = new ServiceBusClient(connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 15_000 },
  });
  return { client, lockMs: LOCK_MS, quietMs: 1_000, close: () => client.close() };
}

describe.each<[string, () => Promise<Opened>]>([
  ['the double', openDouble],
  ...(given
    ? [['the service that was given', () => openGiven(given)] as [string, () => Promise<Opened>]]
    : []),
])('%s', (_name, open) => {
  let broker: Opened;
  beforeAll(async () => {
    broker = await open();
  });
  afterAll(() => broker.close());

  describe('messages', () => messagesContract(() => broker));
  describe('sessions', () => sessionsContract(() => broker));
});
