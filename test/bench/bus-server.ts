import { startServiceBus } from '../service-bus/start.ts';

/** What a measurement asks of the bus. */
export interface BusFigures {
  readonly active: number;
  readonly dead: number;
}

const bus = await startServiceBus({
  queues: { changes: { requiresSession: true, lockDurationMs: 60_000, maxDeliveryCount: 2_000 } },
});
process.on('message', () => {
  const { active, dead } = bus.depth('changes');
  process.send?.({ active, dead } satisfies BusFigures);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ connectionString: bus.connectionString });
