import type { Verdict } from '../../engine/queue-port.ts';
import type { Clock } from '../../kit/clock.ts';
import { backoffMs } from '../../kit/backoff.ts';
import { uuid, type Random } from '../../kit/random.ts';
import type { Bell } from '../bell.ts';
import { closeEnvelope } from './envelope.ts';
import type { Gauge } from './gauge.ts';
import type { BusHold, Part } from './hold.ts';
import type { Held } from './intake.ts';
import type { BusSender } from './sender.ts';
import type { BusShelf, Item } from './shelf.ts';
import { acquit } from './suspects.ts';

export interface SettlingOptions<Body> {
  readonly shelf: BusShelf<Body, Part, BusHold>;
  readonly sender: BusSender;
  readonly gauge: Gauge;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly random: Random;
}

export type Settle<Body> = (hand: Held<Body>, verdicts: ReadonlyMap<string, Verdict>) => Promise<void>;

/** A namespace that throttles asks for two to ten seconds; what is in hand need not be done again for that. */
const COPY_ATTEMPTS = 5;
const COPY_RETRY = { firstMs: 500, longestMs: 8_000 };

/**
 * Carries out verdicts. A delayed message is a copy with its own time, stored before the original is completed: a crash in
 * between delivers it twice, never not at all, and no delay ever keeps its bucket waiting.
 */
export function createSettling<Body>(options: SettlingOptions<Body>): Settle<Body> {
  const { shelf, sender, gauge, bell, clock, random } = options;

  return async (hand, verdicts) => {
    const { bucket, items } = hand;
    shelf.prolong(hand, clock.now());
    const judged = [...items].map(([id, item]) => ({ item, verdict: verdicts.get(id) }));
    const copies = judged.flatMap(({ item, verdict }) =>
      verdict?.kind === 'later' ? copyOf(item, verdict) : [],
    );
    if (copies.length > 0) await sendPatiently(hand, copies);
    const over = judged.filter(({ verdict }) => verdict?.kind === 'done' || verdict?.kind === 'later');
    const dead = judged.flatMap(({ item, verdict }) => (verdict?.kind === 'dead' ? { item, verdict } : []));
    await Promise.all([
      bucket.complete(over.flatMap(({ item }) => item.parts)),
      ...dead.map(({ item, verdict }) => buryOne(bucket, item.parts, verdict.reason)),
    ]);
    await acquit(hand);
    shelf.free(hand, verdicts);
    gauge.stale();
    const next = shelf.nextAt(clock.now());
    if (next !== null) bell.ring(next);
  };

  function copyOf(
    item: Item<Body, Part, BusHold>,
    { delayMs, countAttempt }: Extract<Verdict, { kind: 'later' }>,
  ) {
    const attempts = item.attempts - (countAttempt ? 0 : 1);
    const at = delayMs > 0 ? Math.ceil(clock.now() + delayMs) : null;
    return closeEnvelope({ ...item, attempts }, { bucket: item.bucket.bucket, id: uuid(random), at });
  }

  async function sendPatiently(hand: Held<Body>, copies: Parameters<BusSender['send']>[0]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sender.send(copies);
      } catch (error) {
        if (attempt >= COPY_ATTEMPTS || !hand.bucket.isOurs) throw error;
        shelf.prolong(hand, clock.now());
        await clock.sleep(backoffMs(attempt, COPY_RETRY, random));
      }
    }
  }
}

/** One letter says it for all that were merged: the others asked for the same. */
async function buryOne(bucket: BusHold, [first, ...others]: readonly Part[], reason: string): Promise<void> {
  if (first !== undefined) await bucket.bury(first, reason);
  await bucket.complete(others);
}
