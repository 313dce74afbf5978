import type { Queue } from '../../../src/engine/queue-port.ts';
import { systemClock, type Clock } from '../../../src/kit/clock.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { systemRandom } from '../../../src/kit/random.ts';
import type { Change } from '../../../src/model/change.ts';
import type { Share } from '../../../src/queue/bus/buckets.ts';
import { changeMessages } from '../../../src/queue/messages.ts';
import { openServiceBusQueue } from '../../../src/queue/service-bus-queue.ts';
import { VirtualClock } from '../../kit/virtual-clock.ts';
import { startServiceBus, type ServiceBus } from '../../service-bus/start.ts';

export interface Worker {
  /** `take` waits until everything that the bus has for this worker has arrived. */
  readonly queue: Queue<Change>;
  /** Which part of the buckets it believes to be its own; may be changed. */
  share: Share;
  /** Never does anything again: its locks run out. */
  kill(): void;
}

/** Workers on one bus and one clock, which moves only when it is told to, and no faster than they can follow. */
export interface Shift {
  readonly bus: ServiceBus;
  readonly clock: VirtualClock;
  begin(share?: Share): Worker;
  /** Lets time pass; whatever becomes due is asked of the bus and answered before the clock goes on. */
  advance(ms: number): Promise<void>;
  /** Nothing is asked of the bus that it has not answered, and it has given out all that it can. */
  quiet(): Promise<void>;
  /** The buckets that somebody holds, by the bus's own account. */
  held(): string[];
  close(): Promise<void>;
}

export interface ShiftOptions {
  readonly buckets: number;
  readonly lockMs: number;
  readonly leaseMs: number;
}

export async function openShift({ buckets, lockMs, leaseMs }: ShiftOptions): Promise<Shift> {
  const clock = new VirtualClock();
  const bus = await startServiceBus({
    clock,
    queues: { changes: { requiresSession: true, lockDurationMs: lockMs, maxDeliveryCount: 2_000 } },
    // The slower of the two answers that a broken connection may get from the service.
    face: { locksAfterBreak: 'kept', idleLinkMs: Infinity },
  });
  const workers: Worker[] = [];
  const answers = pending();
  const holds = () => bus.namespace.find('changes').sessions.holds();
  const deadHolds = new Set<ReturnType<typeof holds>[number]>();

  const isQuiet = (): boolean =>
    answers.count() === 0 &&
    holds().every(
      (hold) => hold.session.line.length === 0 || hold.consumer?.room() === 0 || deadHolds.has(hold),
    );

  async function quiet(): Promise<void> {
    for (let calm = 0; calm < 3;) {
      await turn();
      calm = isQuiet() ? calm + 1 : 0;
    }
  }

  function begin(share: Share = { workers: 1, index: 0 }): Worker {
    let [isDead, isStarted] = [false, false];
    const mortal: Clock = {
      now: () => clock.now(),
      sleep: (ms, signal) =>
        clock.sleep(ms, signal).then(() => (isDead ? new Promise<never>(() => {}) : undefined)),
    };
    const queue = openServiceBusQueue<Change>({
      access: { connectionString: bus.connectionString },
      queue: 'changes',
      messages: changeMessages,
      buckets,
      clock: mortal,
      limits: answers.clock,
      random: systemRandom,
      log: silentLog,
      leaseMs,
      share: () => Promise.resolve(worker.share),
    });
    const worker: Worker = {
      share,
      kill: () => {
        isDead = true;
        for (const hold of holds()) deadHolds.add(hold);
      },
      queue: {
        ...queue,
        async take(limit) {
          if (!isStarted) await queue.take({ keys: 0, messages: 0 });
          isStarted = true;
          await quiet();
          // An answer on the connection comes after every message that was on its way before it.
          await queue.deadLetters();
          await quiet();
          return queue.take(limit);
        },
      },
    };
    workers.push(worker);
    return worker;
  }

  return {
    bus,
    clock,
    begin,
    quiet,
    async advance(ms) {
      const until = clock.now() + ms;
      do await quiet();
      while (await clock.step(until));
      await clock.run(until);
    },
    held: () =>
      holds()
        .map(({ session }) => session.id)
        .toSorted(),
    async close() {
      await Promise.all(workers.map(({ queue }) => queue.close()));
      await bus.close();
    },
  };
}

/** A clock for the limits of answers: as many sleep on it as are waited for. */
function pending(): { clock: Clock; count(): number } {
  let count = 0;
  return {
    count: () => count,
    clock: {
      now: () => systemClock.now(),
      async sleep(ms, signal) {
        count += 1;
        try {
          await systemClock.sleep(ms, signal);
        } finally {
          count -= 1;
        }
      },
    },
  };
}

/** A turn of the timers: the client hands on from one what it received. */
function turn(): Promise<void> {
  return systemClock.sleep(1);
}
