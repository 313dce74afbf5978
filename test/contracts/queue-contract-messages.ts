import { expect, it } from 'vitest';
import type { Delivery, Received } from '../../src/engine/queue-port.ts';
import { changeKey, type Cause, type Change } from '../../src/model/change.ts';
import {
  change,
  done,
  idsOf,
  LEASE_MS,
  only,
  outgoing,
  separate,
  verdicts,
  wide,
  type QueueUnderTest,
} from './queue-contract.ts';

/** What becomes of messages, from the send to the verdict. */
export function messageContract(test: () => QueueUnderTest): void {
  async function takeOnly(): Promise<{ delivery: Delivery<Change>; message: Received<Change> }> {
    const delivery = only(await test().queue.take(wide));
    return { delivery, message: only(delivery.messages) };
  }

  it('hands out what was sent, as it was sent', async () => {
    const body = change('u1', { kind: 'group', causes: ['sweep', 'stale'], at: 77 });
    const sentAt = test().clock.now();
    await test().queue.send([outgoing(body)]);
    const { delivery, message } = await takeOnly();
    expect(delivery.key).toBe(changeKey(body));
    expect(message.body).toEqual(body);
    expect(message.attempts).toBe(1);
    expect(message.enqueuedAt).toBe(sentAt);
  });

  it('takes an empty send for nothing', async () => {
    await test().queue.send([]);
    expect(await test().queue.take(wide)).toEqual([]);
    expect(await test().queue.depth()).toEqual({ due: 0, delayed: 0, held: 0, dead: 0, oldestDueMs: 0 });
  });

  it('forgets what is done', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const { delivery } = await takeOnly();
    await test().queue.settle(delivery, verdicts(delivery, done));
    await test().clock.advance(10 * LEASE_MS);
    expect(await test().queue.take(wide)).toEqual([]);
    expect((await test().queue.depth()).held).toBe(0);
  });

  it('merges what waits to be taken', async () => {
    await test().queue.send([outgoing(change('u1', { causes: ['sweep'] }))]);
    await test().queue.send([outgoing(change('u1', { causes: ['notification'], at: 2_000 }))]);
    const { delivery, message } = await takeOnly();
    expect(new Set<Cause>(message.body.causes)).toEqual(new Set(['sweep', 'notification']));
    expect([message.body.at, message.attempts]).toEqual([2_000, 1]);
    await test().queue.settle(delivery, verdicts(delivery, done));
    expect(await test().queue.take(wide)).toEqual([]);
    expect(await test().queue.depth()).toEqual({ due: 0, delayed: 0, held: 0, dead: 0, oldestDueMs: 0 });
  });

  it('merges what waits for its time, if it can: the earlier due time wins', async ({ skip }) => {
    if (!test().traits.mergesDelayed) skip('what is delayed is out of its reach');
    await test().queue.send([outgoing(change('u1', { causes: ['sweep'] }), { delayMs: 60_000 })]);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().queue.send([
      outgoing(change('u1', { causes: ['notification'], at: 2_000 }), { delayMs: 5_000 }),
    ]);
    await test().queue.send([outgoing(change('u1', { causes: ['stale'] }), { delayMs: 90_000 })]);
    await test().clock.advance(4_999);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().clock.advance(1);
    const { message } = await takeOnly();
    expect(new Set<Cause>(message.body.causes)).toEqual(new Set(['sweep', 'notification', 'stale']));
    expect(message.body.at).toBe(2_000);
    expect(message.attempts).toBe(1);
    expect((await test().queue.depth()).delayed).toBe(0);
  });

  it('keeps messages without a merge key apart and drains them together, in order', async () => {
    await test().queue.send(['a', 'b', 'c', 'd', 'e'].map((id) => separate('k', id)));
    const delivery = only(await test().queue.take({ keys: 10, messages: 3 }));
    expect(idsOf(delivery)).toEqual(['a', 'b', 'c']);
    await test().queue.settle(delivery, verdicts(delivery, done));
    expect(idsOf(only(await test().queue.take(wide)))).toEqual(['d', 'e']);
  });

  it('does not let a delayed message hold up its key', async () => {
    await test().queue.send([separate('k', 'late', { delayMs: 60_000 }), separate('k', 'now')]);
    expect(await test().queue.depth()).toMatchObject({ due: 1, delayed: 1 });
    const delivery = only(await test().queue.take(wide));
    expect(idsOf(delivery)).toEqual(['now']);
    await test().queue.settle(
      delivery,
      verdicts(delivery, { kind: 'later', delayMs: 90_000, countAttempt: true }),
    );
    await test().queue.send([separate('k', 'next')]);
    const next = only(await test().queue.take(wide));
    expect(idsOf(next)).toEqual(['next']);
    await test().queue.settle(next, verdicts(next, done));
    await test().clock.advance(60_000);
    expect(idsOf(only(await test().queue.take(wide)))).toEqual(['late']);
  });

  it('counts attempts, except where the verdict says not to', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    for (const [countAttempt, attempts] of [
      [true, 1],
      [false, 2],
      [true, 2],
      [true, 3],
    ] as const) {
      const { delivery, message } = await takeOnly();
      expect(message.attempts).toBe(attempts);
      await test().queue.settle(delivery, verdicts(delivery, { kind: 'later', delayMs: 0, countAttempt }));
    }
    expect((await takeOnly()).message.attempts).toBe(4);
  });

  it('serves the longest due key first, and no more keys than asked for', async () => {
    for (const id of ['first', 'second', 'third']) {
      await test().queue.send([outgoing(change(id))]);
      await test().clock.advance(1_000);
    }
    const taken = await test().queue.take({ keys: 2, messages: 10 });
    expect(taken.flatMap(idsOf)).toEqual(['first', 'second']);
    expect((await test().queue.take(wide)).flatMap(idsOf)).toEqual(['third']);
  });

  it('passes over the keys of tenants that it is told to, whatever else is due', async () => {
    const [theirs, ours] = [change('u1', { tenant: 'fabrikam' }), change('u2')];
    await test().queue.send([outgoing(theirs), outgoing(ours)]);
    const taken = await test().queue.take({ keys: 1, messages: 10, without: ['fabrikam'] });
    expect(taken.map(({ key }) => key)).toEqual([changeKey(ours)]);
    expect(await test().queue.take({ ...wide, without: ['fabrikam'] })).toEqual([]);
    expect(only(await test().queue.take(wide)).key).toBe(changeKey(theirs));
  });

  it('sends what yields to the end of its key', async () => {
    await test().queue.send([separate('k', 'long'), separate('k', 'a')]);
    const first = only(await test().queue.take({ keys: 1, messages: 1 }));
    await test().clock.advance(1);
    await test().queue.settle(first, verdicts(first, { kind: 'later', delayMs: 0, countAttempt: false }));
    expect(idsOf(only(await test().queue.take(wide)))).toEqual(['a', 'long']);
  });

  it('keeps dead letters with their reason, and never hands them out again', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const { delivery } = await takeOnly();
    await test().clock.advance(5);
    await test().queue.settle(delivery, verdicts(delivery, { kind: 'dead', reason: 'forbidden' }));
    await test().queue.send([outgoing(change('u2'))]);
    const letter = only(await test().queue.deadLetters());
    expect(letter).toEqual({
      id: letter.id,
      key: changeKey(change('u1')),
      body: change('u1'),
      reason: 'forbidden',
      at: test().clock.now(),
    });
    await test().crash();
    await test().clock.advance(test().traits.takeOverMs);
    expect((await test().queue.take(wide)).flatMap(idsOf)).toEqual(['u2']);
    expect((await test().queue.depth()).dead).toBe(1);
    expect(await test().queue.deadLetters()).toEqual([letter]);
  });

  /** Each is a dead letter, one after the other. */
  async function bury(...ids: readonly string[]): Promise<string[]> {
    for (const id of ids) {
      await test().queue.send([outgoing(change(id))]);
      const { delivery } = await takeOnly();
      await test().queue.settle(delivery, verdicts(delivery, { kind: 'dead', reason: `about ${id}` }));
    }
    return (await test().queue.deadLetters()).map(({ id }) => id);
  }

  it('forgets the dead letters that it is told to, and nothing else', async () => {
    const { queue } = test();
    const [first = '', second = '', third = ''] = await bury('u1', 'u2', 'u3');
    await queue.send([outgoing(change('u1'))]);
    expect(await queue.discard([])).toBe(0);
    expect(await queue.discard([second])).toBe(1);
    expect(await queue.discard([second, 'nonsense', third])).toBe(1);
    expect((await queue.deadLetters()).map(({ id, reason }) => [id, reason])).toEqual([[first, 'about u1']]);
    expect((await queue.take(wide)).flatMap(idsOf)).toEqual(['u1']);
    await test().crash();
    expect((await test().queue.deadLetters()).map(({ id }) => id)).toEqual([first]);
    expect((await test().queue.depth()).dead).toBe(1);
  });

  it('never gives the name of a dead letter to another one', async () => {
    const [gone = ''] = await bury('u1');
    expect(await test().queue.discard([gone])).toBe(1);
    await test().clock.advance(1);
    const [next = ''] = await bury('u2');
    expect(next).not.toBe(gone);
    expect(await test().queue.discard([gone])).toBe(0);
    expect(await test().queue.deadLetters()).toHaveLength(1);
  });

  it('shows what waits, and takes nothing away', async () => {
    const [soon, late] = [change('u1', { causes: ['sweep'] }), change('u2')];
    await test().queue.send([outgoing(soon), outgoing(late, { delayMs: 60_000 })]);
    const now = test().clock.now();
    const { lookedAt, waiting } = await test().queue.peek(10);
    expect(lookedAt).toBe(2);
    const seen = waiting.toSorted((one, other) => one.due - other.due);
    expect(seen.map(({ body, attempts }) => [body, attempts])).toEqual([
      [soon, 0],
      [late, 0],
    ]);
    expect(seen.every(({ held }) => held !== true)).toBe(true);
    expect(seen[1]?.due).toBe(now + 60_000);
    expect(await test().queue.peek(1)).toMatchObject({ lookedAt: 1, waiting: [{}] });
    expect((await test().queue.take(wide)).flatMap(idsOf)).toEqual(['u1']);
    const held = (await test().queue.peek(10)).waiting.find(({ body }) => body.id === 'u1');
    // A bus does not tell who has it.
    expect(held).toMatchObject({ body: soon });
    expect([true, null]).toContain(held?.held);
  });

  it('says how much waits, how long, and how much is held', async () => {
    await test().queue.send([
      outgoing(change('u1')),
      outgoing(change('u2')),
      outgoing(change('u3'), { delayMs: 60_000 }),
    ]);
    await test().clock.advance(7_000);
    expect(await test().queue.depth()).toEqual({ due: 2, delayed: 1, held: 0, dead: 0, oldestDueMs: 7_000 });
    await test().queue.take({ keys: 1, messages: 1 });
    expect(await test().queue.depth()).toEqual({ due: 1, delayed: 1, held: 1, dead: 0, oldestDueMs: 7_000 });
  });

  it('survives a crash with everything that was acknowledged', async () => {
    await test().queue.send([outgoing(change('u1')), outgoing(change('u2'), { delayMs: 60_000 })]);
    await test().crash();
    await test().clock.advance(test().traits.takeOverMs);
    expect((await test().queue.take(wide)).flatMap(idsOf)).toContain('u1');
    await test().clock.advance(60_000);
    expect((await test().queue.take(wide)).flatMap(idsOf)).toContain('u2');
  });

  it('refuses a delay that is not a number', async () => {
    await expect(test().queue.send([outgoing(change('u1'), { delayMs: Number.NaN })])).rejects.toThrow(
      RangeError,
    );
    expect(await test().queue.take(wide)).toEqual([]);
  });
}
