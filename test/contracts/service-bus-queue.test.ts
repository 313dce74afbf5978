import { openShift } from '../queue/bus/shift.ts';
import { queueContract, type QueueUnderTest } from './queue-contract.ts';

/** How often buckets are looked for: so long after its lock has run out, that of a crashed worker is held again. */
const TURN_MS = 5_000;

queueContract('Azure Service Bus, one worker, on a double of the bus', async ({ leaseMs }) => {
  const shift = await openShift({ buckets: 3, lockMs: leaseMs, leaseMs });
  let worker = shift.begin();
  const test: QueueUnderTest = {
    queue: worker.queue,
    traits: { mergesDelayed: false, takeOverMs: leaseMs + TURN_MS, quietMs: 10 * 60_000 },
    clock: { now: () => shift.clock.now(), advance: (ms) => shift.advance(ms) },
    async crash() {
      worker.kill();
      shift.bus.dropConnections();
      worker = shift.begin();
      test.queue = worker.queue;
    },
    close: () => shift.close(),
  };
  return test;
});
