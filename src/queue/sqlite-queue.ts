import type { DeadLetter, Delivery, Outgoing, Queue, QueueDepth, Waiting } from '../engine/queue-port.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';
import { createBell } from './bell.ts';
import type { Committer } from './committer.ts';
import { decode, type MessageKind } from './messages.ts';
import type { Envelope, StoredDeadLetter, StoredWaiting } from './operations.ts';

/** Bounds memory; more than a person reads. */
const MAX_DEAD_LETTERS = 10_000;

export interface SqliteQueueOptions<Body> {
  /** Both queues of a file share one: what arrives together for either costs one fsync. */
  readonly committer: Committer;
  readonly messages: MessageKind<Body>;
  readonly clock: Clock;
  /** How long a holder may go without `renew` before another takes the key over, in milliseconds. */
  readonly leaseMs: number;
  /**
   * Frees every held key at the start. Only for the sole process on the file, which knows that the holders are
   * gone; else they are waited for until their leases end.
   */
  readonly dropLeases?: boolean;
}

/**
 * The embedded queue: rows of a SQLite file, by raw prepared statements because this is the path that every
 * notification takes. Closing it leaves the committer to its owner.
 */
export async function openSqliteQueue<Body>(options: SqliteQueueOptions<Body>): Promise<Queue<Body>> {
  const { committer, messages, leaseMs } = options;
  // The file holds whole milliseconds; a clock may show more.
  const clock: Clock = {
    now: () => Math.floor(options.clock.now()),
    sleep: (ms, signal) => options.clock.sleep(ms, signal),
  };
  const queue = messages.name;
  const bell = createBell(clock);
  if (options.dropLeases === true) await committer.submit({ kind: 'freeAll', queue, now: clock.now() });

  const depth = (): Promise<QueueDepth> => committer.submit({ kind: 'depth', queue, now: clock.now() });

  return {
    async send(outgoing) {
      if (outgoing.length === 0) return;
      const now = clock.now();
      const envelopes = outgoing.map((message) => envelopeOf(message, now));
      await committer.send(queue, envelopes);
      bell.ring(
        envelopes.reduce((earliest, [, , dueAt]) => Math.min(earliest, dueAt), Number.POSITIVE_INFINITY),
      );
    },
    async take(limit) {
      const rung = bell.silence();
      try {
        const { deliveries, nextAt } = await committer.submit({
          kind: 'take',
          queue,
          now: clock.now(),
          leaseMs,
          ...limit,
        });
        if (nextAt !== null) bell.ring(nextAt);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read by `messages` on its way out of the store
        return deliveries as Delivery<Body>[];
      } catch (error) {
        bell.ring(rung);
        throw error;
      }
    },
    async renew({ key, token }) {
      const until = clock.now() + leaseMs;
      const held = await committer.submit({ kind: 'renew', queue, key, token, until });
      if (!held) throw leaseLost();
    },
    async setState({ key, token }, state) {
      const held = await committer.submit({ kind: 'setState', queue, key, token, state });
      if (!held) throw leaseLost();
    },
    async settle({ key, token }, verdicts) {
      const now = clock.now();
      const { held, nextAt } = await committer.submit({ kind: 'settle', queue, key, token, now, verdicts });
      if (!held) throw leaseLost();
      if (nextAt !== null) bell.ring(nextAt);
    },
    ready: (signal) => bell.heard(signal),
    reachable: async () => void (await depth()),
    waiting: async () => (await depth()).due,
    depth,
    async peek(most) {
      const found = await committer.submit({ kind: 'peek', queue, limit: most });
      return { lookedAt: found.length, waiting: found.flatMap((one) => waitingIn(one, messages)) };
    },
    async deadLetters() {
      const letters = await committer.submit({ kind: 'deadLetters', queue, limit: MAX_DEAD_LETTERS });
      return letters.map((letter) => opened(letter, messages));
    },
    discard: (ids) => committer.submit({ kind: 'discard', queue, letters: ids.flatMap(letterNamed) }),
    async close() {},
  };
}

/** Nothing where this version cannot read it. */
function waitingIn<Body>(
  { body, due, held, attempts }: StoredWaiting,
  messages: MessageKind<Body>,
): Waiting<Body>[] {
  const read = decode(messages, body);
  return read.ok ? [{ due, held: held === 1, attempts, body: read.body }] : [];
}

/** What died because nobody could read it may be readable to the version that is at work by now. */
function opened<Body>(
  { id, key, body, reason, at }: StoredDeadLetter,
  messages: MessageKind<Body>,
): DeadLetter<Body> {
  const read = decode(messages, body);
  return {
    id: `${id}-${at.toString(36)}`,
    key: key === '' ? null : key,
    body: read.ok ? read.body : null,
    reason,
    at,
  };
}

/** The letter that `opened` gave this name. */
function letterNamed(name: string): Pick<StoredDeadLetter, 'id' | 'at'>[] {
  const [, id, at] = /^(\d+)-([0-9a-z]+)$/.exec(name) ?? [];
  return id === undefined || at === undefined ? [] : [{ id: Number(id), at: Number.parseInt(at, 36) }];
}

/** Times are whole milliseconds in the file; a delay with jitter is not. */
function envelopeOf<Body>({ key, mergeKey, body, delayMs = 0 }: Outgoing<Body>, now: number): Envelope {
  if (!Number.isFinite(delayMs)) throw new RangeError('the delay of a message is not a finite number');
  return [key, mergeKey ?? null, Math.ceil(now + delayMs), Math.floor(now), body];
}

function leaseLost(): Fault {
  return new Fault('lease-lost', 'another holds the key by now');
}
