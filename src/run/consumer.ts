import { toldOf } from '../kit/told.ts';
import type { Delivery, Queue } from '../engine/queue-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';

export interface Consumer<Body> {
  readonly name: string;
  readonly queue: Queue<Body>;
  /** What one take may bring; every take is handled by itself, `parallel` of them at a time. */
  readonly limit: { readonly keys: number; readonly messages: number };
  readonly parallel: number;
  readonly handle: (deliveries: Delivery<Body>[]) => Promise<void>;
  /** Well below the lease, so that a long batch keeps its key (milliseconds). */
  readonly renewMs: number;
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
}

/** When the queue itself cannot be read, it is asked again after this long. */
const QUEUE_RETRY_MS = 1_000;

/** Takes and handles until the signal aborts; then finishes what is in hand and takes nothing more. */
export async function consume<Body>(
  { clock, log }: Surroundings,
  consumer: Consumer<Body>,
  signal: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    if (running.size >= consumer.parallel) {
      await Promise.race(running);
      continue;
    }
    try {
      const deliveries = await consumer.queue.take(consumer.limit);
      if (deliveries.length > 0) {
        const task = handleRenewed({ clock, log }, consumer, deliveries).finally(() => running.delete(task));
        running.add(task);
      } else {
        await consumer.queue.ready(signal);
      }
    } catch (error) {
      if (signal.aborted) break;
      log.error('the queue cannot be read; trying again', { queue: consumer.name, error: toldOf(error) });
      await slept(clock, QUEUE_RETRY_MS, signal);
    }
  }
  await Promise.all(running);
}

/** Handles one take and prolongs its leases meanwhile. A failure leaves the messages to their leases' end. */
async function handleRenewed<Body>(
  { clock, log }: Surroundings,
  consumer: Consumer<Body>,
  deliveries: Delivery<Body>[],
): Promise<void> {
  const handled = new AbortController();
  const renewal = renew({ clock, log }, { consumer, deliveries }, handled.signal);
  try {
    await consumer.handle(deliveries);
  } catch (error) {
    log.error('messages left to the end of their lease', { queue: consumer.name, error: toldOf(error) });
  } finally {
    handled.abort();
    await renewal;
  }
}

async function renew<Body>(
  { clock, log }: Surroundings,
  { consumer, deliveries }: { consumer: Consumer<Body>; deliveries: Delivery<Body>[] },
  signal: AbortSignal,
): Promise<void> {
  while (await slept(clock, consumer.renewMs, signal)) {
    for (const delivery of deliveries) {
      try {
        await consumer.queue.renew(delivery);
      } catch (error) {
        // Settled already (one of several), or lost: its settle will say so.
        log.debug('lease not renewed', { queue: consumer.name, error: toldOf(error) });
      }
    }
  }
}
