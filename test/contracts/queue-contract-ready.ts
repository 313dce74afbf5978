import { expect, it } from 'vitest';
import {
  change,
  done,
  LEASE_MS,
  only,
  outgoing,
  verdicts,
  wide,
  type QueueUnderTest,
} from './queue-contract.ts';

/** `ready` is how a worker sleeps: it must wake for everything, and for nothing else. */
export function readyContract(test: () => QueueUnderTest): void {
  /** Watches one call of `ready`; `woke` says whether it has resolved. */
  function listen(signal: AbortSignal = new AbortController().signal): {
    woke: () => boolean;
    heard: Promise<void>;
  } {
    let woke = false;
    const heard = test()
      .queue.ready(signal)
      .then(() => {
        woke = true;
        return undefined;
      });
    heard.catch(() => {});
    return { woke: () => woke, heard };
  }

  it('sleeps while nothing is due, and wakes for a send', async () => {
    expect(await test().queue.take(wide)).toEqual([]);
    const { woke, heard } = listen();
    await test().clock.advance(test().traits.quietMs);
    expect(woke()).toBe(false);
    await test().queue.send([outgoing(change('u1'))]);
    await heard;
  });

  it('does not miss a send between an empty take and the call', async () => {
    expect(await test().queue.take(wide)).toEqual([]);
    await test().queue.send([outgoing(change('u1'))]);
    await listen().heard;
    expect(await test().queue.take(wide)).toHaveLength(1);
  });

  it('does not miss a send that crosses a take', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [, taken] = await Promise.all([
        test().queue.send([outgoing(change(`u${round}`))]),
        test().queue.take(wide),
      ]);
      if (taken.length > 0) continue;
      await listen().heard;
      expect(await test().queue.take(wide)).toHaveLength(1);
    }
  });

  it('wakes at the due time of a delayed message, not before', async () => {
    await test().queue.send([outgoing(change('u1'), { delayMs: 60_000 })]);
    expect(await test().queue.take(wide)).toEqual([]);
    const { woke, heard } = listen();
    await test().clock.advance(59_999);
    expect(woke()).toBe(false);
    await test().clock.advance(1);
    await heard;
    expect(await test().queue.take(wide)).toHaveLength(1);
  });

  it('wakes when a key with waiting messages is set free', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    const held = only(await test().queue.take(wide));
    await test().queue.send([outgoing(change('u1'))]);
    expect(await test().queue.take(wide)).toEqual([]);
    const { woke, heard } = listen();
    await test().clock.advance(1_000);
    expect(woke()).toBe(false);
    await test().queue.settle(held, verdicts(held, done));
    await heard;
    expect(await test().queue.take(wide)).toHaveLength(1);
  });

  it('wakes when a lease ends, also one of a process that crashed', async () => {
    await test().queue.send([outgoing(change('u1'))]);
    only(await test().queue.take(wide));
    await test().crash();
    expect(await test().queue.take(wide)).toEqual([]);
    const { woke, heard } = listen();
    await test().clock.advance(LEASE_MS - 1);
    expect(woke()).toBe(false);
    await test().clock.advance(Math.max(1, test().traits.takeOverMs - LEASE_MS));
    await heard;
    expect(await test().queue.take(wide)).toHaveLength(1);
  });

  it('says at once that more is due when a take was limited', async () => {
    await test().queue.send([outgoing(change('u1')), outgoing(change('u2'))]);
    only(await test().queue.take({ keys: 1, messages: 1 }));
    await listen().heard;
    expect(await test().queue.take(wide)).toHaveLength(1);
  });

  it('wakes everybody who listens', async () => {
    expect(await test().queue.take(wide)).toEqual([]);
    const listeners = [listen(), listen(), listen()];
    await test().queue.send([outgoing(change('u1'))]);
    await Promise.all(listeners.map(({ heard }) => heard));
  });

  it('rejects with the reason when aborted, before or during the wait', async () => {
    expect(await test().queue.take(wide)).toEqual([]);
    const stop = new AbortController();
    const { heard } = listen(stop.signal);
    stop.abort(new Error('stopping'));
    await expect(heard).rejects.toThrow('stopping');
    await expect(test().queue.ready(stop.signal)).rejects.toThrow('stopping');
  });
}
