import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Clock } from '../../kit/clock.ts';
import { bucketIn } from './buckets.ts';
import { createPeek, type PeekOptions } from './peek.ts';

/** What lies at the bus, by looking at it without taking it. */
export interface Reading {
  /** By sequence number: when it was due, in milliseconds since 1970. */
  readonly active: ReadonlyMap<string, number>;
  readonly scheduled: number;
  readonly dead: number;
  /** Messages in sessions that no bucket of ours has the name of: nobody takes them. */
  readonly astray: number;
}

export interface Gauge {
  /** Not older than about a second; `exact`: nor than the last thing that we changed. */
  read(exact: boolean): Promise<Reading>;
  /** Something was sent or buried: what was read is not true any more. */
  stale(): void;
  waiting(most: number): Promise<ServiceBusReceivedMessage[]>;
  deadLetters(most: number): Promise<ServiceBusReceivedMessage[]>;
}

/**
 * The right to listen is enough to look; counting properly needs the right to manage the queue, which no role here should
 * have. A look costs a credit a message, so it ends here: more than that is said as this much.
 */
const LOOKED_AT_MOST = 2_000;
const FRESH_MS = 1_000;

export interface GaugeOptions extends PeekOptions {
  readonly buckets: number;
  readonly clock: Clock;
}

export function createGauge(options: GaugeOptions): Gauge {
  const { buckets, clock } = options;
  const peek = createPeek(options);
  let last: { at: number; reading: Promise<Reading> } | null = null;
  let isStale = true;

  async function look(): Promise<Reading> {
    const [messages, dead] = await Promise.all([
      peek('queue', LOOKED_AT_MOST),
      peek('deadLetter', LOOKED_AT_MOST),
    ]);
    const active = new Map<string, number>();
    let [scheduled, astray] = [0, 0];
    for (const message of messages) {
      const bucket = bucketIn(message.sessionId);
      if (bucket === null || bucket >= buckets) astray += 1;
      if (message.state === 'scheduled') scheduled += 1;
      else active.set(String(message.sequenceNumber), message.enqueuedTimeUtc?.getTime() ?? 0);
    }
    return { active, scheduled, dead: dead.length, astray };
  }

  return {
    read(exact) {
      const now = clock.now();
      if (last === null || now - last.at >= FRESH_MS || (exact && isStale)) {
        isStale = false;
        const reading = look();
        last = { at: now, reading };
        reading.catch(() => {
          last = null;
        });
      }
      return last.reading;
    },
    stale: () => {
      isStale = true;
    },
    waiting: (most) => peek('queue', most),
    deadLetters: (most) => peek('deadLetter', most),
  };
}
