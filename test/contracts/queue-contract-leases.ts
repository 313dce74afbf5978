import { expect, it } from 'vitest';
import type { Delivery } from '../../src/engine/queue-port.ts';
import { changeKey, type Change } from '../../src/model/change.ts';
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

const lost = expect.objectContaining({ name: 'Fault', kind: 'lease-lost' }) as unknown;

/** One holder per key at a time; who lost his key changes nothing any more. */
export function leaseContract(test: () => QueueUnderTest): void {
  it('never gives a key to two holders', async () => {
    const bodies = Array.from({ length: 200 }, (_, index) => separate(`k${index % 20}`, `m${index}`));
    await test().queue.send(bodies);
    const held = new Map<string, Delivery<Change>>();
    const seen: string[] = [];
    let most = 0;
    const worker = async (): Promise<void> => {
      for (let idle = 0; idle < 3;) {
        const deliveries = await test().queue.take({ keys: 3, messages: 2 });
        idle = deliveries.length === 0 ? idle + 1 : 0;
        for (const delivery of deliveries) {
          expect(held.has(delivery.key), `${delivery.key} has one holder`).toBe(false);
          held.set(delivery.key, delivery);
        }
        most = Math.max(most, held.size);
        for (const delivery of deliveries) {
          await test().queue.renew(delivery);
          held.delete(delivery.key);
          await test().queue.settle(delivery, verdicts(delivery, done));
          seen.push(...idsOf(delivery));
        }
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(most).toBeGreaterThan(1);
    expect(seen.toSorted()).toEqual(bodies.map(({ body }) => body.id).toSorted());
  });

  it('keeps a message that comes for a held key waiting, and does not merge it into the held one', async () => {
    await test().queue.send([outgoing(change('u1', { causes: ['sweep'] }))]);
    const held = only(await test().queue.take(wide));
    await test().queue.send([outgoing(change('u1', { causes: ['notification'] }))]);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().queue.settle(held, verdicts(held, done));
    const next = only(only(await test().queue.take(wide)).messages);
    expect(next.body.causes).toEqual(['notification']);
    expect(next.attempts).toBe(1);
  });

  it.each([false, true])(
    'keeps what is given back and what came meanwhile, merged if it can',
    async (looked) => {
      await test().queue.send([outgoing(change('u1', { causes: ['sweep'] }))]);
      const held = only(await test().queue.take(wide));
      await test().queue.send([outgoing(change('u1', { causes: ['notification'] }))]);
      if (looked) expect(await test().queue.take(wide)).toEqual([]);
      await test().queue.settle(held, verdicts(held, { kind: 'later', delayMs: 60_000, countAttempt: true }));
      const first = only(await test().queue.take(wide));
      const { causes } = only(first.messages).body;
      if (test().traits.mergesDelayed) expect(causes).toEqual(['sweep', 'notification']);
      else expect(causes).toEqual(['notification']);
      await test().queue.settle(first, verdicts(first, done));
      await test().clock.advance(60_000);
      const later = (await test().queue.take(wide)).flatMap(({ messages }) => messages);
      if (test().traits.mergesDelayed) expect(later).toEqual([]);
      else expect(only(later)).toMatchObject({ attempts: 2, body: { causes: ['sweep'] } });
    },
  );

  it('keeps a number with the key for whoever holds it next, also when it had no messages meanwhile', async () => {
    await test().queue.send([separate('k', 'a'), separate('other', 'b')]);
    const [first, other] = await test().queue.take(wide);
    if (!first || !other) throw new Error('two keys were sent');
    expect([first.state, other.state]).toEqual([0, 0]);
    await test().queue.setState(first, 41);
    await test().queue.setState(first, 42);
    await test().queue.settle(first, verdicts(first, done));
    await test().queue.settle(other, verdicts(other, done));
    await test().crash();
    await test().queue.send([separate('k', 'c'), separate('other', 'd')]);
    await test().clock.advance(test().traits.takeOverMs);
    const states = (await test().queue.take(wide)).map(({ key, state }) => [key, state]);
    expect(new Map(states as [string, number][])).toEqual(
      new Map([
        [first.key, 42],
        [other.key, 0],
      ]),
    );
  });

  it('takes no number from a holder whose lease went to another', async () => {
    await test().queue.send([separate('k', 'a')]);
    const late = only(await test().queue.take(wide));
    await test().clock.advance(LEASE_MS);
    const next = only(await test().queue.take(wide));
    await expect(test().queue.setState(late, 7)).rejects.toEqual(lost);
    await test().queue.settle(next, verdicts(next, done));
    await expect(test().queue.setState(next, 7)).rejects.toEqual(lost);
    await test().queue.send([separate('k', 'b')]);
    expect(only(await test().queue.take(wide)).state).toBe(0);
  });

  it('keeps the place of a message that was not touched, and does not count the attempt', async () => {
    await test().queue.send([separate('k', 'a'), separate('k', 'b')]);
    const held = only(await test().queue.take(wide));
    const [a, b] = held.messages;
    await test().clock.advance(1_000);
    await test().queue.send([separate('k', 'c')]);
    await test().queue.settle(
      held,
      new Map([
        [a?.id ?? '', { kind: 'later', delayMs: 0, countAttempt: false }],
        [b?.id ?? '', { kind: 'untouched' }],
      ]),
    );
    const again = only(await test().queue.take(wide));
    expect(idsOf(again)[0]).toBe('b');
    expect(again.messages.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it('gives a message without a verdict back at once, its attempt counted', async () => {
    await test().queue.send([separate('k', 'a'), separate('k', 'b')]);
    const held = only(await test().queue.take(wide));
    await test().queue.settle(held, new Map([[held.messages[0]?.id ?? '', done]]));
    const again = only(only(await test().queue.take(wide)).messages);
    expect([again.body.id, again.attempts]).toEqual(['b', 2]);
  });

  it('hands out again what its holder let lapse, and refuses the late settle', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const slow = only(await test().queue.take(wide));
    await test().clock.advance(LEASE_MS - 1);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().clock.advance(1);
    const quick = only(await test().queue.take(wide));
    expect(quick.token).not.toBe(slow.token);
    expect(only(quick.messages).attempts).toBe(2);

    await expect(test().queue.settle(slow, verdicts(slow, done))).rejects.toEqual(lost);
    await expect(test().queue.renew(slow)).rejects.toEqual(lost);
    expect((await test().queue.depth()).held).toBe(1);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().queue.settle(quick, verdicts(quick, { kind: 'later', delayMs: 0, countAttempt: true }));
    expect(only(only(await test().queue.take(wide)).messages).attempts).toBe(3);
  });

  it('refuses the late settle of a key that is free again or was taken by the same process', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const first = only(await test().queue.take(wide));
    await test().queue.settle(first, verdicts(first, done));
    await expect(
      test().queue.settle(first, verdicts(first, { kind: 'dead', reason: 'late' })),
    ).rejects.toEqual(lost);
    await test().queue.send([outgoing(change('u1'))]);
    const second = only(await test().queue.take(wide));
    await expect(test().queue.settle(first, verdicts(second, done))).rejects.toEqual(lost);
    await expect(test().queue.renew(first)).rejects.toEqual(lost);
    expect(await test().queue.deadLetters()).toEqual([]);
    await test().queue.settle(second, verdicts(second, done));
    expect(await test().queue.take(wide)).toEqual([]);
  });

  it('prolongs a lease by its whole length', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const held = only(await test().queue.take(wide));
    await test().clock.advance(LEASE_MS - 1_000);
    await test().queue.renew(held);
    await test().clock.advance(LEASE_MS - 1);
    expect(await test().queue.take(wide)).toEqual([]);
    await test().queue.settle(held, verdicts(held, done));
    await test().clock.advance(LEASE_MS);
    expect(await test().queue.take(wide)).toEqual([]);
  });

  it('takes over after a crash when the lease has ended, with what came since', async () => {
    await test().queue.send([outgoing(change('u1', { causes: ['sweep'] })), outgoing(change('u2'))]);
    expect(await test().queue.take(wide)).toHaveLength(2);
    await test().queue.send([outgoing(change('u1', { causes: ['notification'] }))]);
    await test().crash();
    expect(await test().queue.take(wide)).toEqual([]);
    await test().clock.advance(Math.max(LEASE_MS, test().traits.takeOverMs));
    const again = await test().queue.take(wide);
    expect(again.map(({ key }) => key).toSorted()).toEqual(
      [change('u1'), change('u2')].map(changeKey).toSorted(),
    );
    const first = again.find(({ key }) => key === changeKey(change('u1')));
    expect(new Set(first?.messages.flatMap(({ body }) => body.causes))).toEqual(
      new Set(['sweep', 'notification']),
    );
    expect(again.every(({ messages }) => messages.length === 1 && messages[0]?.attempts === 2)).toBe(true);
  });
}
