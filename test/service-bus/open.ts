import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { onTestFinished } from 'vitest';
import { IMPATIENT } from './broker.ts';
import { startServiceBus, type ServiceBus, type ServiceBusOptions } from './start.ts';

export interface Opened {
  readonly bus: ServiceBus;
  readonly client: ServiceBusClient;
  /** Another client; closed with the test. */
  readonly connect: (options?: ServiceBusClientOptions) => ServiceBusClient;
}

/** A double and a client of it, both gone when the test is over. */
export async function open(options: ServiceBusOptions = {}): Promise<Opened> {
  const bus = await startServiceBus({
    queues: { plain: {}, sessions: { requiresSession: true } },
    ...options,
  });
  onTestFinished(() => bus.close());
  const connect = (more: ServiceBusClientOptions = {}): ServiceBusClient => {
    const client = new ServiceBusClient(bus.connectionString, { ...IMPATIENT, ...more });
    onTestFinished(() => client.close());
    return client;
  };
  return { bus, client: connect(), connect };
}
