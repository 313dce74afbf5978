import type { Delivery, Outgoing, Outlet, Queue, QueueDepth } from '../engine/queue-port.ts';
import { toldOf } from '../kit/told.ts';
import { systemClock, type Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { uuid, type Random } from '../kit/random.ts';
import { Fault } from '../model/fault.ts';
import { createBell, type Bell } from './bell.ts';
import { bucketOf, BUCKETS, type Share } from './bus/buckets.ts';
import { createBusConnection, type BusAccess, type BusConnection } from './bus/connection.ts';
import { letterIn } from './bus/dead-letters.ts';
import { createDiscard } from './bus/discard.ts';
import { closeEnvelope, waitingIn } from './bus/envelope.ts';
import { createGauge, type Gauge } from './bus/gauge.ts';
import { createIntake, type Held, type Intake } from './bus/intake.ts';
import { BusSender } from './bus/sender.ts';
import { createSettling } from './bus/settling.ts';
import type { MessageKind } from './messages.ts';

export interface ServiceBusOutletOptions<Body> {
  readonly access: BusAccess;
  /** The queue's name at the bus. */
  readonly queue: string;
  readonly messages: MessageKind<Body>;
  /** How many sessions the keys are spread over: the same for everybody who uses the queue, for as long as it is not empty. */
  readonly buckets?: number;
  readonly clock: Clock;
  /** Times how long an answer of the bus may take; real time unless given, as the bus is real where the clock is not. */
  readonly limits?: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface ServiceBusQueueOptions<Body> extends ServiceBusOutletOptions<Body> {
  /** How long a holder in this process may go without `renew` before another here takes the key over, in milliseconds. */
  readonly leaseMs: number;
  /** How many workers share the buckets, and which this one is; one alone unless given. Asked every few seconds. */
  readonly share?: () => Promise<Share>;
}

/** Of a receiver: less than what its caller waits for, and nothing is gained by trying for longer. */
const SENDING = { timeoutMs: 1_500, retries: 3 };
const RECEIVING = { timeoutMs: 10_000, retries: 2 };
/** Bounds memory; more than a person reads. */
const MAX_DEAD_LETTERS = 10_000;

/** By the right to send alone: what a receiver has. Close it when nothing is to be sent any more. */
export function openServiceBusOutlet<Body>(
  options: ServiceBusOutletOptions<Body>,
): Outlet<Body> & { close(): Promise<void> } {
  const { connection, sender } = sending(options);
  return {
    send: (outgoing) => sendAll(options, sender, outgoing),
    reachable: () => sender.reachable(),
    close: () => connection.close(),
  };
}

/**
 * The distributed queue. Nothing is connected before it is used, and no bucket is held before somebody takes: a process
 * that only sends needs no right to listen. The number kept with a key lies in the state of its bucket's session.
 */
export function openServiceBusQueue<Body>(options: ServiceBusQueueOptions<Body>): Queue<Body> {
  const { clock, log, queue, messages, buckets = BUCKETS, limits = systemClock } = options;
  const bell = createBell(clock);
  const { connection: outward, sender } = sending(options);
  const inward = createBusConnection({
    ...options,
    limits,
    ...RECEIVING,
    onRebuild: () => intake.reconnect(),
  });
  const discard = createDiscard({ connection: inward, queue, limits });
  const gauge = createGauge({ connection: inward, queue, buckets, clock, limits });
  const intake = createIntake({ ...options, buckets, limits, connection: inward, sender, bell });
  const { shelf } = intake;
  const settle = createSettling({ ...options, shelf, sender, gauge, bell });

  function handOf(delivery: Pick<Delivery<Body>, 'key' | 'token'>): Held<Body> {
    shelf.freeLapsed(clock.now());
    const hand = shelf.handOf(delivery);
    if (hand !== undefined && !hand.bucket.isOurs) hand.bucket.check();
    const held = shelf.handOf(delivery);
    if (held === undefined) throw new Fault('lease-lost', 'another holds the key by now');
    return held;
  }

  return {
    async send(outgoing) {
      await sendAll(options, sender, outgoing);
      gauge.stale();
    },
    reachable: () => sender.reachable(),
    async take(limit) {
      intake.start();
      bell.silence();
      const deliveries = await intake.take(limit);
      ringNext(bell, shelf.nextAt(clock.now()));
      return deliveries;
    },
    async renew(delivery) {
      shelf.prolong(handOf(delivery), clock.now());
    },
    async setState(delivery, state) {
      const { bucket, key } = handOf(delivery);
      await bucket.keep((kept) => ({ ...kept, states: { ...kept.states, [key]: state } }));
    },
    settle: async (delivery, verdicts) => settle(handOf(delivery), verdicts),
    async ready(signal) {
      intake.start();
      await bell.heard(signal);
    },
    waiting: () => Promise.resolve(shelf.counts(clock.now()).due),
    depth: () => depthOf(options, { intake, gauge }),
    async peek(most) {
      const found = await gauge.waiting(most);
      return { lookedAt: found.length, waiting: found.flatMap((message) => waitingIn(messages, message)) };
    },
    async deadLetters() {
      const letters = await gauge.deadLetters(MAX_DEAD_LETTERS);
      return letters.map((letter) => letterIn(messages, letter));
    },
    async discard(ids) {
      gauge.stale();
      return discard(new Set(ids));
    },
    async close() {
      await intake.close().catch((error: unknown) => {
        log.tell('buckets-left', { queue, error: toldOf(error) });
      });
      await Promise.all([outward.close(), inward.close()]);
    },
  };
}

function sending<Body>(options: ServiceBusOutletOptions<Body>): {
  connection: BusConnection;
  sender: BusSender;
} {
  const { queue, limits = systemClock } = options;
  const connection = createBusConnection({ ...options, limits, ...SENDING });
  return { connection, sender: new BusSender({ connection, queue, limits }) };
}

async function sendAll<Body>(
  { clock, random, messages, buckets = BUCKETS }: ServiceBusOutletOptions<Body>,
  sender: BusSender,
  outgoing: readonly Outgoing<Body>[],
): Promise<void> {
  if (outgoing.length === 0) return;
  const now = clock.now();
  const all = outgoing.map(({ key, mergeKey = null, body, delayMs = 0 }) => {
    if (!Number.isFinite(delayMs)) throw new RangeError('the delay of a message is not a finite number');
    return closeEnvelope(
      { key, mergeKey, body, attempts: 0, enqueuedAt: Math.floor(now) },
      {
        bucket: bucketOf(messages.name, key, buckets),
        id: uuid(random),
        at: delayMs > 0 ? Math.ceil(now + delayMs) : null,
      },
    );
  });
  await sender.send(all);
}

function ringNext(bell: Bell, at: number | null): void {
  if (at !== null) bell.ring(at);
}

/** What lies at the bus and is not here counts as due: with another worker, or on its way to one. */
async function depthOf<Body>(
  { clock, log, queue }: ServiceBusQueueOptions<Body>,
  { intake, gauge }: { intake: Intake<Body>; gauge: Gauge },
): Promise<QueueDepth> {
  const before = intake.shelf.counts(clock.now());
  // Whether the queue is empty must be exact; how full it is need not.
  const reading = await gauge.read(before.due + before.held === 0);
  if (reading.astray > 0) {
    log.tell('sessions-astray', {
      queue,
      messages: reading.astray,
    });
  }
  const here = intake.shelf.counts(clock.now());
  const known = intake.here();
  const elsewhere = [...reading.active].filter(([number]) => !known.has(number));
  const oldest = Math.min(here.oldestDue ?? Infinity, ...elsewhere.map(([, at]) => at));
  return {
    due: here.due + elsewhere.length,
    delayed: reading.scheduled,
    held: here.held,
    dead: reading.dead,
    oldestDueMs: oldest === Infinity ? 0 : Math.max(0, clock.now() - oldest),
  };
}
