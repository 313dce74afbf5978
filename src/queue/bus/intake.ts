import type { Delivery, TakeLimit } from '../../engine/queue-port.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { Bell } from '../bell.ts';
import type { MessageKind } from '../messages.ts';
import { acceptBucket } from './accept.ts';
import { createArrivals } from './arrivals.ts';
import type { Share } from './buckets.ts';
import type { BusConnection } from './connection.ts';
import type { BusHold, Part } from './hold.ts';
import { Holdings } from './holdings.ts';
import type { BusSender } from './sender.ts';
import { BusShelf, type Hand, type Taken } from './shelf.ts';
import { charge } from './suspects.ts';

export type Held<Body> = Hand<Body, Part, BusHold>;

/** What comes in: buckets are held, their messages opened and put on the shelf, and handed out from there. */
export interface Intake<Body> {
  readonly shelf: BusShelf<Body, Part, BusHold>;
  start(): void;
  take(limit: TakeLimit): Promise<Delivery<Body>[]>;
  /** The sequence numbers of all messages that are here. */
  here(): ReadonlySet<string>;
  /** The connection is a new one: nothing of the old is ours. */
  reconnect(): void;
  close(): Promise<void>;
}

export interface IntakeOptions<Body> {
  readonly connection: BusConnection;
  readonly sender: BusSender;
  readonly queue: string;
  readonly buckets: number;
  readonly messages: MessageKind<Body>;
  readonly share?: () => Promise<Share>;
  readonly leaseMs: number;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly limits: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** How often it is looked whether a bucket that is to be given back has come free. */
const LETTING_GO_MS = 100;

export function createIntake<Body>(options: IntakeOptions<Body>): Intake<Body> {
  const { queue, clock, log, bell } = options;
  const shelf = new BusShelf<Body, Part, BusHold>({ kind: options.messages, leaseMs: options.leaseMs });
  const arrivals = createArrivals({ ...options, shelf });
  let holdings: Holdings | null = null;

  const accept = (bucket: number, onLost: (hold: BusHold) => void): Promise<BusHold> =>
    acceptBucket({
      ...options,
      bucket,
      onMessage: (hold, part) => arrivals.receive(hold, part),
      onLost: (hold) => {
        // Whoever has something of it in hand is told when he settles.
        shelf.drop(hold);
        onLost(hold);
      },
    });

  async function letGo(hold: BusHold): Promise<void> {
    while (shelf.hasHands(hold) && hold.isOurs) {
      await clock.sleep(LETTING_GO_MS);
      shelf.freeLapsed(clock.now());
    }
    shelf.drop(hold);
  }

  async function handOut({ hand, delivery }: Taken<Body, Part, BusHold>): Promise<Delivery<Body>[]> {
    try {
      if (await charge(hand)) return [delivery];
      log.tell('message-deadly', {
        queue,
        bucket: hand.bucket.bucket,
      });
      shelf.free(hand, new Map([...hand.items.keys()].map((id) => [id, { kind: 'done' }])));
      bell.ring(clock.now());
    } catch (error) {
      arrivals.lose(hand.bucket, error);
    }
    return [];
  }

  return {
    shelf,
    start() {
      const share = options.share ?? (() => Promise.resolve({ workers: 1, index: 0 }));
      holdings ??= new Holdings({ ...options, share, accept, letGo });
    },
    async take(limit) {
      const without = new Set(limit.without);
      for (const hold of holdings?.all() ?? []) {
        hold.check();
        if (hold.isFull && without.size > 0) arrivals.makeRoom(hold, without);
      }
      const taken = shelf.take(limit, clock.now());
      const all = await Promise.all(taken.map(handOut));
      return all.flat();
    },
    here: () => {
      const parts = (holdings?.all() ?? []).flatMap((hold) => [...hold.parts]);
      return new Set(parts.map(({ message }) => String(message.sequenceNumber)));
    },
    reconnect() {
      for (const hold of holdings?.all() ?? []) hold.lose({ code: 'SessionLockLost' });
    },
    close: async () => holdings?.close(),
  };
}
