import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { Namespace } from './namespace.ts';
import type { Consumer } from './queue/consumers.ts';
import type { Lock } from './queue/locks.ts';
import type { Kept, Sent } from './queue/message.ts';
import type { Queue } from './queue/queue.ts';
import type { QueueSettings } from './queue/settings.ts';

const HOUR = 3_600_000;

/** A receiver with room for so many messages. */
class Taker implements Consumer {
  readonly peekLock: boolean;
  readonly taken: { message: Kept; lock: Lock | null }[] = [];
  left: number;

  constructor(left: number, peekLock = true) {
    this.left = left;
    this.peekLock = peekLock;
  }

  room(): number {
    return this.left;
  }

  take(message: Kept, lock: Lock | null): void {
    this.left -= 1;
    this.taken.push({ message, lock });
  }

  get bodies(): string[] {
    return this.taken.map(({ message }) => message.body.toString());
  }

  get locks(): Lock[] {
    return this.taken.flatMap(({ lock }) => lock ?? []);
  }
}

function stage(settings: Partial<QueueSettings> = {}): {
  clock: VirtualClock;
  queue: Queue;
  send: (...sent: (Partial<Sent> & { text: string })[]) => number[];
} {
  const clock = new VirtualClock();
  let tokens = 0;
  const namespace = new Namespace({ clock, book: null, token: () => String((tokens += 1)) });
  const queue = namespace.create('q', { lockDurationMs: 30_000, ...settings });
  const send = (...sent: (Partial<Sent> & { text: string })[]): number[] =>
    queue.send(
      sent.map(({ text, ...rest }) => ({
        messageId: text,
        sessionId: null,
        timeToLiveMs: null,
        notBefore: null,
        body: Buffer.from(text),
        ...rest,
      })),
    );
  return { clock, queue, send };
}

describe('a queue without sessions', () => {
  test('receivers with room are served in turns', () => {
    const { queue, send } = stage();
    const [one, other] = [new Taker(2), new Taker(5)];
    queue.serve(one);
    queue.serve(other);
    send(...['a', 'b', 'c', 'd', 'e'].map((text) => ({ text })));
    expect([one.bodies, other.bodies]).toEqual([
      ['a', 'c'],
      ['b', 'd', 'e'],
    ]);
    queue.dismiss(other);
    send({ text: 'f' });
    expect(queue.counts.active).toBe(6);
    one.left = 1;
    queue.serve(one);
    expect(one.bodies).toEqual(['a', 'c', 'f']);
  });

  test('what comes back goes before what is younger, whatever the order in which it comes back', () => {
    const { queue, send } = stage();
    send(...['a', 'b', 'c', 'd'].map((text) => ({ text })));
    const taker = new Taker(3);
    queue.serve(taker);
    for (const lock of taker.locks.toReversed()) queue.restore(lock);
    const again = new Taker(9);
    queue.serve(again);
    expect(again.bodies).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a lock lasts as long as it is renewed, and not longer', async () => {
    const { clock, queue, send } = stage();
    send({ text: 'a' });
    const taker = new Taker(1);
    queue.serve(taker);
    const [lock] = taker.locks as [Lock];
    for (let round = 0; round < 5; round += 1) {
      await clock.run(clock.now() + 29_000);
      expect(queue.renew(queue.lockOf(lock.token))).toBe(clock.now() + 30_000);
    }
    await clock.run(clock.now() + 30_000);
    expect(() => queue.settle(lock, { kind: 'complete' })).toThrow('lock supplied is invalid');
    const again = new Taker(1);
    queue.serve(again);
    expect(again.taken[0]?.message.deliveryCount).toBe(1);
  });

  test('an expired message leaves, but not while it is locked or deferred', async () => {
    const { clock, queue, send } = stage({ timeToLiveMs: 20_000, deadLetterExpired: true });
    send({ text: 'locked' }, { text: 'deferred' }, { text: 'waits' }, { text: 'brief', timeToLiveMs: 5_000 });
    const taker = new Taker(2);
    queue.serve(taker);
    const [locked, deferred] = taker.locks as [Lock, Lock];
    queue.settle(deferred, { kind: 'defer' });
    await clock.run(clock.now() + 25_000);
    expect(queue.deadLetters?.peek(0, 9, null).map(({ body }) => body.toString())).toEqual([
      'brief',
      'waits',
    ]);
    queue.settle(locked, { kind: 'abandon' });
    expect(queue.deadLetters?.counts.active).toBe(3);
    const [again] = queue.receiveDeferred([deferred.message.sequence], null);
    if (again) queue.settle(again, { kind: 'complete' });
    expect(queue.counts).toEqual({ active: 0, deferred: 0, scheduled: 0, bytes: 0 });
  });

  test('an id may come again when its window is over', async () => {
    const { clock, queue, send } = stage({ requiresDuplicateDetection: true, duplicateWindowMs: 60_000 });
    expect(send({ text: 'a' }, { text: 'a' })).toEqual([1, 0]);
    await clock.run(clock.now() + 59_999);
    expect(send({ text: 'a' })).toEqual([0]);
    await clock.run(clock.now() + 1);
    expect(send({ text: 'a' })).toEqual([2]);
    expect(queue.counts.active).toBe(2);
  });

  test('a thousand times in any order, alarms ring in theirs', async () => {
    const { clock, queue, send } = stage();
    const start = clock.now();
    const order = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 1_000);
    send(...order.map((at) => ({ text: String(at), notBefore: start + 1 + at })));
    queue.cancel([1, 3]);
    const taker = new Taker(Infinity, false);
    queue.serve(taker);
    await clock.run(start + HOUR);
    const wanted = order
      .filter((_, index) => index !== 0 && index !== 2)
      .toSorted((left, right) => left - right);
    expect(taker.bodies.map(Number)).toEqual(wanted);
  });
});

describe('a queue with sessions', () => {
  test('who waits for the next session is served first come, first served', () => {
    const { queue, send } = stage({ requiresSession: true });
    const got: string[] = [];
    const wait = (holder: string): void => {
      queue.sessions.next(
        { holder, onLost: () => undefined, answer: (hold) => got.push(`${holder}:${hold?.session.id}`) },
        HOUR,
      );
    };
    wait('one');
    wait('other');
    send({ text: 'a', sessionId: 's' }, { text: 'b', sessionId: 's' }, { text: 'c', sessionId: 't' });
    expect(got).toEqual(['one:s', 'other:t']);
  });

  test('a session that is free again is offered last', () => {
    const { queue, send } = stage({ requiresSession: true });
    send({ text: 'a', sessionId: 's' }, { text: 'b', sessionId: 't' });
    const next = (): string => {
      let id = 'none';
      queue.sessions.next(
        {
          holder: 'h',
          onLost: () => undefined,
          answer: (hold) => {
            id = hold?.session.id ?? 'none';
            if (hold) queue.release(hold);
          },
        },
        0,
      );
      return id;
    };
    expect([next(), next(), next()]).toEqual(['s', 't', 's']);
  });

  test('who is told that there is none does not get one later', async () => {
    const { clock, queue, send } = stage({ requiresSession: true });
    const answers: unknown[] = [];
    queue.sessions.next(
      { holder: 'h', onLost: () => undefined, answer: (hold) => answers.push(hold) },
      1_000,
    );
    await clock.run(clock.now() + 1_000);
    send({ text: 'a', sessionId: 's' });
    expect(answers).toEqual([null]);
    expect(queue.sessions.accept('s', 'other', () => undefined).session.id).toBe('s');
  });

  test('a poison message is given up at its last delivery and holds nobody up', async () => {
    const { clock, queue, send } = stage({ requiresSession: true, maxDeliveryCount: 2 });
    send({ text: 'poison', sessionId: 's' }, { text: 'good', sessionId: 's' });
    let lost = 0;
    for (let round = 0; round < 2; round += 1) {
      const hold = queue.sessions.accept('s', 'h', () => (lost += 1));
      queue.serveSession(hold, new Taker(1));
      await clock.run(clock.now() + 30_000);
    }
    expect(lost).toBe(2);
    expect(
      queue.deadLetters?.peek(0, 9, null).map(({ properties }) => properties['DeadLetterReason']),
    ).toEqual(['MaxDeliveryCountExceeded']);
    const taker = new Taker(9);
    queue.serveSession(
      queue.sessions.accept('s', 'h', () => undefined),
      taker,
    );
    expect(taker.bodies).toEqual(['good']);
  });
});
