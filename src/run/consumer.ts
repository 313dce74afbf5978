import { toldOf } from '../kit/told.ts';
import type { Delivery, Queue } from '../engine/queue-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { firstOf, slept } from '../kit/loop.ts';

export interface Consumer<Body> {
  readonly name: string;
  readonly queue: Queue<Body>;
  /** What one take may bring; what it brings of one tenant is handled by itself. */
  readonly limit: { readonly keys: number; readonly messages: number };
  /** So many takes at a time for each tenant, so that a slow one holds up no other. */
  readonly parallel: number;
  readonly tenants: readonly string[];
  /** Brings what it began to its end when the signal aborts, and begins nothing more. */
  readonly handle: (deliveries: Delivery<Body>[], stop: AbortSignal) => Promise<void>;
  /** Well below the lease, so that a long batch keeps its key (milliseconds). */
  readonly renewMs: number;
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
}

/** When the queue itself cannot be read, it is asked again after this long. */
const QUEUE_RETRY_MS = 1_000;
/** While a tenant's work is passed over, the queue is asked for that of the others this often: it cannot tell them apart when it calls. */
const PASSED_OVER_MS = 100;

/** Takes and handles until the signal aborts; then finishes what is in hand and takes nothing more. */
export async function consume<Body extends { readonly tenant: string }>(
  { clock, log }: Surroundings,
  consumer: Consumer<Body>,
  signal: AbortSignal,
): Promise<void> {
  const running = new Map<Promise<void>, string>();
  const start = (tenant: string, deliveries: Delivery<Body>[]): void => {
    const task = handleRenewed({ clock, log }, consumer, { deliveries, stop: signal }).finally(() =>
      running.delete(task),
    );
    running.set(task, tenant);
  };
  while (!signal.aborted) {
    const busy = Map.groupBy(running.values(), (tenant) => tenant);
    const without = [...busy].flatMap(([tenant, tasks]) => (tasks.length < consumer.parallel ? [] : tenant));
    if (consumer.tenants.every((tenant) => without.includes(tenant))) {
      await Promise.race(running.keys());
      continue;
    }
    try {
      const limit = without.length > 0 ? { ...consumer.limit, without } : consumer.limit;
      const deliveries = await consumer.queue.take(limit);
      for (const [tenant, some] of Map.groupBy(deliveries, tenantOf)) start(tenant, some);
      if (deliveries.length > 0) continue;
      if (without.length === 0) await consumer.queue.ready(signal);
      else await firstOf(clock, running.keys(), { ms: PASSED_OVER_MS, signal });
    } catch (error) {
      if (signal.aborted) break;
      log.tell('queue-unreadable', { queue: consumer.name, error: toldOf(error) });
      await slept(clock, QUEUE_RETRY_MS, signal);
    }
  }
  await Promise.all(running.keys());
}

/** A delivery is of one key, and a key of one tenant. */
function tenantOf<Body extends { readonly tenant: string }>({ messages }: Delivery<Body>): string {
  return messages[0]?.body.tenant ?? '';
}

/** Handles one take and prolongs its leases meanwhile. A failure leaves the messages to their leases' end. */
async function handleRenewed<Body>(
  { clock, log }: Surroundings,
  consumer: Consumer<Body>,
  { deliveries, stop }: { deliveries: Delivery<Body>[]; stop: AbortSignal },
): Promise<void> {
  const handled = new AbortController();
  const renewal = renew({ clock, log }, { consumer, deliveries }, handled.signal);
  try {
    await consumer.handle(deliveries, stop);
  } catch (error) {
    log.tell('messages-left', { queue: consumer.name, error: toldOf(error) });
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
