import type { Delivery, Outgoing, Queue } from '../../src/engine/queue-port.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Change } from '../../src/model/change.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openServiceBusQueue } from '../../src/queue/service-bus-queue.ts';

/** What a run through the bus came to. */
export interface BusRun {
  readonly messages: number;
  readonly sendMs: number;
  readonly handleMs: number;
  readonly twice: number;
  /** Messages of a key that came after one that was sent later. */
  readonly outOfOrder: number;
  /** Sends that had to be repeated: the machine was busy with something else. */
  readonly refused: number;
  /** CPU time of the worker while it handled them, in milliseconds. */
  readonly cpuMs: number;
}

const KEYS = 2_000;
const A_SEND = 500;
const TAKEN = { keys: 100, messages: 64 };

let refused = 0;

const [connectionString = '', count = '0'] = process.argv.slice(2);
const queue = openServiceBusQueue<Change>({
  access: { connectionString },
  queue: 'changes',
  messages: changeMessages,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  leaseMs: 90_000,
});

/** First all are sent, then all are handled, each by one client, as receivers and workers do. */
async function run(messages: number): Promise<BusRun> {
  await holdEverything(queue);
  const startedAt = performance.now();
  refused = 0;
  await sendAll(messages);
  const sentAt = performance.now();
  const cpu = process.cpuUsage();
  const { handled, outOfOrder } = await handleAll(messages);
  const { user, system } = process.cpuUsage(cpu);
  return {
    messages,
    sendMs: sentAt - startedAt,
    handleMs: performance.now() - sentAt,
    cpuMs: (user + system) / 1_000,
    refused,
    twice: handled - messages,
    outOfOrder,
  };
}

/** Until each of them has been handled. */
async function handleAll(messages: number): Promise<{ handled: number; outOfOrder: number }> {
  const last = new Map<string, number>();
  const done = new Set<number>();
  const over = new AbortController();
  let [handled, outOfOrder] = [0, 0];
  const note = ({ key, messages: some }: Delivery<Change>): void => {
    for (const { body } of some) {
      if (body.at < (last.get(key) ?? 0)) outOfOrder += 1;
      last.set(key, body.at);
      done.add(body.at);
      handled += 1;
    }
    if (done.size === messages) over.abort();
  };
  const handle = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const deliveries = await queue.take(TAKEN);
      deliveries.forEach(note);
      await Promise.all(deliveries.map(finish));
      if (deliveries.length === 0) await queue.ready(over.signal).catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: 4 }, handle));
  return { handled, outOfOrder };
}

function finish(delivery: Delivery<Change>): Promise<void> {
  return queue.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, { kind: 'done' }])));
}

async function sendAll(messages: number): Promise<void> {
  for (let first = 0; first < messages; first += A_SEND) {
    await send(
      Array.from({ length: Math.min(A_SEND, messages - first) }, (_, index) =>
        numbered('user', first + index + 1),
      ),
    );
  }
}

/** Where other work has the cores, an answer may come later than a send waits for it: what may be stored already is sent again. */
async function send(messages: readonly Outgoing<Change>[]): Promise<void> {
  for (;;) {
    try {
      return await queue.send(messages);
    } catch {
      refused += 1;
    }
  }
}

/** Its time is its number, so that what comes out of order shows. */
function numbered(kind: string, at: number): Outgoing<Change> {
  const id = String(at % KEYS);
  return {
    key: `${kind}|contoso|${id}`,
    body: { v: 1, kind: 'user', tenant: 'contoso', id, causes: ['notification'], at },
  };
}

/** A worker holds its buckets for hours: taking them up is no part of the measurement. */
async function holdEverything(queue: Queue<Change>): Promise<void> {
  const probes = Array.from({ length: 1_000 }, (_, at) => numbered('probe', at));
  await send(probes);
  const limit = AbortSignal.timeout(60_000);
  for (let left = probes.length; left > 0;) {
    const deliveries = await queue.take({ keys: 1_000, messages: 10 });
    await Promise.all(deliveries.map(finish));
    left -= deliveries.length;
    if (deliveries.length === 0) await queue.ready(limit);
  }
}

const outcome = await run(Number(count));
await queue.close();
process.send?.(outcome);
process.on('disconnect', () => process.exit(0));
