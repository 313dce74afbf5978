import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Queue } from '../../../src/engine/queue-port.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { systemRandom } from '../../../src/kit/random.ts';
import type { Change } from '../../../src/model/change.ts';
import { changeMessages } from '../../../src/queue/messages.ts';
import { openServiceBusOutlet, openServiceBusQueue } from '../../../src/queue/service-bus-queue.ts';
import { done, idsOf, separate, verdicts, wide } from '../../contracts/queue-contract.ts';
import { startServiceBus, type ServiceBus } from '../../service-bus/start.ts';

/** What a sender is promised; Graph's own patience ends at 3 s. */
const PROMISED_MS = 2_000;
const SENDER = { name: 'receiver', key: 'only-sends' };

const away = expect.objectContaining({ name: 'Fault', kind: 'unavailable' }) as unknown;

let bus: ServiceBus;
let opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  bus = await startServiceBus({
    queues: { changes: { requiresSession: true, lockDurationMs: 60_000, maxDeliveryCount: 2_000 } },
    keys: [{ ...SENDER, rights: { changes: ['send'] } }],
  });
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
  await bus.close();
});

function optionsFor(connectionString: string) {
  return {
    access: { connectionString },
    queue: 'changes',
    messages: changeMessages,
    buckets: 3,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  };
}

function openQueue(): Queue<Change> {
  const queue = openServiceBusQueue({ ...optionsFor(bus.connectionString), leaseMs: 90_000 });
  opened.push(queue);
  return queue;
}

/** Takes until these have come, and finishes them. */
async function receive(queue: Queue<Change>, count: number): Promise<string[]> {
  const seen: string[] = [];
  const limit = AbortSignal.timeout(20_000);
  while (seen.length < count) {
    const deliveries = await queue.take(wide);
    for (const delivery of deliveries) {
      await queue.settle(delivery, verdicts(delivery, done));
      seen.push(...idsOf(delivery));
    }
    if (deliveries.length === 0) await queue.ready(limit);
  }
  return seen;
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = systemClock.now();
  await work;
  return systemClock.now() - startedAt;
}

it('refuses within two seconds when the bus is away, and goes on when it is back', async () => {
  const queue = openQueue();
  await queue.send([separate('k', 'before')]);
  expect(await receive(queue, 1)).toEqual(['before']);
  await bus.stop();
  for (let round = 0; round < 3; round += 1) {
    const took = await timed(expect(queue.send([separate('k', `lost${round}`)])).rejects.toEqual(away));
    expect(took).toBeLessThan(PROMISED_MS);
  }
  expect(await timed(expect(queue.reachable()).rejects.toEqual(away))).toBeLessThan(PROMISED_MS);
  await bus.restart();
  await expect
    .poll(
      () =>
        queue.send([separate('k', 'after')]).then(
          () => 'sent',
          () => 'refused',
        ),
      { timeout: 20_000 },
    )
    .toBe('sent');
  const seen = await receive(queue, 1);
  expect(seen).toContain('after');
});

it('refuses within two seconds when the bus takes the connection and says nothing', async () => {
  const queue = openQueue();
  bus.faults.slowMs = 60_000;
  expect(await timed(expect(queue.send([separate('k', 'a')])).rejects.toEqual(away))).toBeLessThan(
    PROMISED_MS,
  );
  bus.faults.clear();
});

it('tries again at once where the bus is busy for a moment, and refuses when it stays busy', async () => {
  const queue = openQueue();
  await queue.reachable();
  bus.faults.serverBusy(1, 'send');
  expect(await timed(queue.send([separate('k', 'a')]))).toBeLessThan(1_000);
  bus.faults.serverBusy(1_000, 'send');
  expect(await timed(expect(queue.send([separate('k', 'b')])).rejects.toEqual(away))).toBeLessThan(
    PROMISED_MS,
  );
  bus.faults.clear();
  bus.faults.quotaExceeded(1_000);
  expect(await timed(expect(queue.send([separate('k', 'c')])).rejects.toEqual(away))).toBeLessThan(
    PROMISED_MS,
  );
  bus.faults.clear();
  expect(await receive(queue, 1)).toEqual(['a']);
});

it('goes on after a dropped connection', async () => {
  const queue = openQueue();
  await queue.send([separate('k', 'a')]);
  expect(await receive(queue, 1)).toEqual(['a']);
  expect(bus.dropConnections()).toBeGreaterThan(0);
  await queue.send([separate('k', 'b')]);
  expect(await receive(queue, 1)).toEqual(['b']);
});

it('goes on after its links were detached as idle', async () => {
  const queue = openQueue();
  await queue.send([separate('k', 'a')]);
  expect(await receive(queue, 1)).toEqual(['a']);
  bus.detachLinks();
  await queue.send([separate('k', 'b')]);
  // A batch that was on its way to the old link may be stored by both.
  expect(new Set(await receive(queue, 1))).toEqual(new Set(['b']));
});

it('builds its connections anew after its token was refused', async () => {
  const queue = openQueue();
  await queue.send([separate('k', 'a')]);
  expect(await receive(queue, 1)).toEqual(['a']);
  bus.faults.refuseTokens(Infinity);
  bus.detachLinks();
  // The old link may take one more before the client has seen its end.
  await expect
    .poll(
      () =>
        queue.send([separate('k', 'b')]).then(
          () => 'sent',
          () => 'refused',
        ),
      { timeout: 20_000 },
    )
    .toBe('refused');
  bus.faults.refuseTokens(0);
  await expect
    .poll(
      () =>
        queue.send([separate('k', 'c')]).then(
          () => 'sent',
          () => 'refused',
        ),
      { timeout: 20_000 },
    )
    .toBe('sent');
  const seen = new Set<string>();
  while (!seen.has('c')) for (const id of await receive(queue, 1)) seen.add(id);
  expect([...seen].at(-1)).toBe('c');
});

it('sends with the right to send alone, and may do nothing else with it', async () => {
  const own = bus.connectionString
    .replace(/SharedAccessKeyName=[^;]*/, `SharedAccessKeyName=${SENDER.name}`)
    .replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${SENDER.key}`);
  const outlet = openServiceBusOutlet(optionsFor(own));
  opened.push(outlet);
  await outlet.reachable();
  await outlet.send([separate('k', 'a')]);
  const nosy = openServiceBusQueue({ ...optionsFor(own), leaseMs: 90_000 });
  opened.push(nosy);
  await expect(nosy.deadLetters()).rejects.toEqual(away);
  await expect(nosy.depth()).rejects.toEqual(away);
  expect(await nosy.take(wide)).toEqual([]);
  expect(bus.depth('changes')).toMatchObject({ active: 1 });
  expect(bus.namespace.find('changes').sessions.holds()).toEqual([]);
});

it('sends what comes together in few batches, and refuses by itself what is too large for one', async () => {
  const queue = openQueue();
  const large = 'x'.repeat(300_000);
  const [fine, refused] = await Promise.allSettled([
    queue.send(Array.from({ length: 2_000 }, (_, index) => separate(`k${index}`, `m${index}`))),
    queue.send([separate('k', large)]),
  ]);
  expect(fine.status).toBe('fulfilled');
  expect(refused).toMatchObject({ status: 'rejected', reason: { kind: 'invalid' } });
  expect(bus.depth('changes')).toMatchObject({ active: 2_000 });
});
