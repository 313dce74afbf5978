import { toldOf } from '../../kit/told.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { uuid, type Random } from '../../kit/random.ts';
import type { Bell } from '../bell.ts';
import type { MessageKind } from '../messages.ts';
import { closeEnvelope, forward, openEnvelope, type Envelope } from './envelope.ts';
import type { BusHold, Part } from './hold.ts';
import type { BusSender } from './sender.ts';
import type { BusShelf, Item } from './shelf.ts';
import { isSuspect } from './suspects.ts';

/** Puts what the bus hands over on the shelf, or away. */
export interface Arrivals {
  receive(hold: BusHold, part: Part): void;
  /**
   * A full bucket of which nothing can be taken would hide everything behind it: half of it goes to the end. `without`:
   * tenants whose keys nobody takes now.
   */
  makeRoom(hold: BusHold, without: ReadonlySet<string>): void;
  /** A bucket of which something could not be put away is taken up again, and so is all that it holds. */
  lose(hold: BusHold, error: unknown): void;
}

export interface ArrivalsOptions<Body> {
  readonly shelf: BusShelf<Body, Part, BusHold>;
  readonly sender: BusSender;
  readonly queue: string;
  readonly messages: MessageKind<Body>;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** For a message of a newer version, while that is being rolled out: until a worker of it holds the bucket. */
const NEWER = { retryMs: 30_000, patienceMs: 24 * 3_600_000 };
/** For what crowds a bucket, while nobody can take it. */
const PUT_OFF_MS = 5_000;
const NOBODY: ReadonlySet<string> = new Set();

export function createArrivals<Body>(options: ArrivalsOptions<Body>): Arrivals {
  const { shelf, sender, queue, messages, bell, clock, random, log } = options;
  const crowded = new Set<BusHold>();

  function shelve(hold: BusHold, part: Part, envelope: Envelope<Body>): void {
    const { deliveryCount = 0, enqueuedTimeUtc, sequenceNumber } = part.message;
    shelf.put({
      ...envelope,
      bucket: hold,
      parts: [part],
      // The bus counts from 0, and only deliveries whose holder ended without giving the session back.
      attempts: envelope.attempts + deliveryCount,
      due: enqueuedTimeUtc?.getTime() ?? clock.now(),
      order: sequenceNumber?.toNumber() ?? 0,
      suspect: isSuspect(deliveryCount),
    });
    bell.ring(clock.now());
    if (hold.isFull) makeRoom(hold, NOBODY);
  }

  function receive(hold: BusHold, part: Part): void {
    const opened = openEnvelope(messages, part.message);
    if (opened.kind === 'read') return shelve(hold, part, opened.envelope);
    const { reason } = opened;
    const { enqueuedAt } = part.message.applicationProperties ?? {};
    const since = typeof enqueuedAt === 'number' ? enqueuedAt : 0;
    const told = { queue, bucket: hold.bucket, reason };
    if (opened.kind === 'newer' && clock.now() - since < NEWER.patienceMs) {
      log.tell('message-newer', told);
      leaveToOthers(hold, part).catch((error: unknown) => lose(hold, error));
    } else {
      log.tell('message-unreadable', told);
      hold.bury(part, reason).catch((error: unknown) => lose(hold, error));
    }
  }

  async function leaveToOthers(hold: BusHold, part: Part): Promise<void> {
    const at = clock.now() + NEWER.retryMs;
    await sender.send([forward(part.message, { id: uuid(random), at })]);
    await hold.complete([part]);
  }

  function makeRoom(hold: BusHold, without: ReadonlySet<string>): void {
    if (crowded.has(hold) || shelf.hasTakeable(hold, without)) return;
    crowded.add(hold);
    const items = shelf.spill(hold, without);
    log.tell('bucket-crowded', {
      queue,
      bucket: hold.bucket,
      messages: items.length,
    });
    putOff(hold, items)
      .catch((error: unknown) => lose(hold, error))
      .finally(() => crowded.delete(hold));
  }

  async function putOff(hold: BusHold, items: readonly Item<Body, Part, BusHold>[]): Promise<void> {
    const at = clock.now() + PUT_OFF_MS;
    await sender.send(
      items.map((item) => closeEnvelope(item, { bucket: hold.bucket, id: uuid(random), at })),
    );
    await hold.complete(items.flatMap(({ parts }) => parts));
  }

  function lose(hold: BusHold, error: unknown): void {
    log.tell('message-unstowed', { queue, error: toldOf(error) });
    hold.lose(error);
  }

  return { receive, makeRoom, lose };
}
