import Database, { type Database as Handle } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '../../src/engine/queue-port.ts';
import type { Change } from '../../src/model/change.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { change, done, idsOf, outgoing, verdicts, wide } from '../contracts/queue-contract.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

/** Rows that another version, or a bad disk, left behind: they end among the dead and hold up nobody. */
describe('a queue file with damage in it', () => {
  const clock = new VirtualClock();
  let database: Handle;
  let queue: Queue<Change>;
  const open = (dropLeases = false): Promise<Queue<Change>> =>
    openSqliteQueue({
      committer: createInThreadCommitter(database),
      messages: changeMessages,
      clock,
      leaseMs: 30_000,
      dropLeases,
    });
  const reasons = (): unknown[] =>
    database.prepare('SELECT reason FROM changes_dead ORDER BY id').pluck().all();

  beforeEach(async () => {
    database = new Database(':memory:');
    queue = await open();
  });
  afterEach(() => void database.close());

  it('buries what it cannot read in the inbox, and hands out the rest', async () => {
    const insert = database.prepare('INSERT INTO changes_inbox (messages) VALUES (?)');
    const now = clock.now();
    insert.run('{"not":"a list"');
    insert.run(
      JSON.stringify([['k', null, now, now, { v: 2, kind: 'user' }], 7, ['k', null, 'soon', now, {}]]),
    );
    await queue.send([outgoing(change('u1'))]);
    expect((await queue.take(wide)).flatMap(idsOf)).toEqual(['u1']);
    expect(reasons()).toEqual([
      'malformed: envelope',
      'unknown version',
      'malformed: envelope',
      'malformed: envelope',
    ]);
    expect((await queue.depth()).dead).toBe(4);
    const letters = await queue.deadLetters();
    expect(letters.map(({ key, body }) => [key, body])).toEqual([
      [null, null],
      ['k', null],
      [null, null],
      [null, null],
    ]);
    expect(await queue.discard(letters.map(({ id }) => id))).toBe(4);
    expect((await queue.depth()).dead).toBe(0);
  });

  it('buries a sorted-in message that became unreadable, and forgets its key', async () => {
    await queue.send([outgoing(change('u1'), { delayMs: 10 }), outgoing(change('u2'), { delayMs: 10 })]);
    await queue.take(wide);
    database.prepare(`UPDATE changes_message SET body = 'x' WHERE key LIKE '%u1'`).run();
    await clock.run(clock.now() + 10);
    expect((await queue.take(wide)).flatMap(idsOf)).toEqual(['u2']);
    expect(reasons()).toEqual(['malformed: not JSON']);
    expect(database.prepare('SELECT key FROM changes_key').pluck().all()).toEqual(['user|contoso|u2']);
  });

  it('does not merge into an unreadable message, nor lose what arrives for it', async () => {
    await queue.send([outgoing(change('u1'), { delayMs: 60_000 })]);
    await queue.take(wide);
    database.prepare(`UPDATE changes_message SET body = '{}'`).run();
    await queue.send([outgoing(change('u1', { causes: ['sweep'] }))]);
    expect((await queue.take(wide))[0]?.messages[0]?.body).toEqual(change('u1', { causes: ['sweep'] }));
    expect(reasons()).toEqual(['unknown version']);
  });

  it('buries a held message that became unreadable when it is given back', async () => {
    await queue.send([outgoing(change('u1'))]);
    const [delivery] = await queue.take(wide);
    if (delivery === undefined) throw new Error('nothing was taken');
    database.prepare(`UPDATE changes_message SET body = '7'`).run();
    await queue.settle(delivery, verdicts(delivery, { kind: 'later', delayMs: 0, countAttempt: true }));
    expect(await queue.take(wide)).toEqual([]);
    expect(reasons()).toEqual(['malformed: not an object']);
  });

  it('refuses a file of a newer layout', () => {
    database.pragma('user_version = 2');
    expect(() => createInThreadCommitter(database)).toThrow('layout 2');
  });

  it('frees the keys of the process before at once when told that it is gone', async () => {
    await queue.send([outgoing(change('u1'))]);
    const [before] = await queue.take(wide);
    expect(await (await open()).take(wide)).toEqual([]);
    const successor = await open(true);
    const [delivery] = await successor.take(wide);
    expect(delivery?.messages[0]?.attempts).toBe(2);
    if (before === undefined || delivery === undefined) throw new Error('nothing was taken');
    await expect(successor.settle(before, verdicts(before, done))).rejects.toMatchObject({
      kind: 'lease-lost',
    });
  });

  it('sorts a large inbox in step by step, and says that there is more', async () => {
    await queue.send(Array.from({ length: 2_000 }, (_, index) => outgoing(change(`u${index}`))));
    const seen = new Set<string>();
    let takes = 0;
    while (seen.size < 2_000) {
      await queue.ready(AbortSignal.timeout(5_000));
      for (const delivery of await queue.take({ keys: 10_000, messages: 10 }))
        idsOf(delivery).forEach((id) => seen.add(id));
      takes += 1;
    }
    expect(takes).toBeGreaterThan(1);
    expect((await queue.depth()).held).toBe(2_000);
  });
});
