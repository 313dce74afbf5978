import Database, { type Database as Handle } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import type { Committer } from '../../src/queue/committer.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { change, done, outgoing, verdicts, wide } from '../contracts/queue-contract.ts';
import { changesOn, flood, unavailable } from './stock.ts';

const clock = systemClock;

describe('commits in this thread', () => {
  let database: Handle;
  let committer: Committer;
  beforeEach(() => {
    database = new Database(':memory:');
    committer = createInThreadCommitter(database);
  });
  afterEach(() => void database.close());

  it('makes one commit of what arrives in one turn, for both queues', async () => {
    const changes = await changesOn(committer);
    const writes = await openSqliteQueue({ committer, messages: writeMessages, clock, leaseMs: 60_000 });
    const write = { v: 1, kind: 'fill', tenant: 'contoso', slab: 3, at: 1 } as const;
    await Promise.all([
      ...Array.from({ length: 64 }, (_, index) => changes.send([outgoing(change(`u${index}`))])),
      writes.send([{ key: 'contoso|3', body: write }]),
    ]);
    expect(committer.commits()).toBe(1);
    expect(await changes.take(wide)).toHaveLength(64);
    expect((await writes.take(wide))[0]?.messages[0]?.body).toEqual(write);
  });

  it('commits nothing when there is nothing to take, count or list', async () => {
    const changes = await changesOn(committer);
    for (let round = 0; round < 10; round += 1) await changes.take(wide);
    await changes.depth();
    await changes.deadLetters();
    expect(committer.commits()).toBe(0);
  });

  it('settles in one commit together with what is sent meanwhile', async () => {
    const changes = await changesOn(committer);
    await changes.send([outgoing(change('u1')), outgoing(change('u2'))]);
    const deliveries = await changes.take(wide);
    const before = committer.commits();
    await Promise.all([
      ...deliveries.map((delivery) => changes.settle(delivery, verdicts(delivery, done))),
      changes.send([outgoing(change('u3'))]),
    ]);
    expect(committer.commits() - before).toBe(1);
    expect(await changes.depth()).toMatchObject({ due: 1, held: 0 });
  });

  it('carries out what else is in a group when a lease in it was lost', async () => {
    const changes = await changesOn(committer);
    await changes.send([outgoing(change('u1'))]);
    const [delivery] = await changes.take(wide);
    if (delivery === undefined) throw new Error('nothing was taken');
    const [stale, sent] = await Promise.allSettled([
      changes.settle({ ...delivery, token: '999' }, verdicts(delivery, done)),
      changes.send([outgoing(change('u2'))]),
    ]);
    expect([stale?.status, sent?.status]).toEqual(['rejected', 'fulfilled']);
    expect(await changes.depth()).toMatchObject({ due: 1, held: 1 });
  });

  it('refuses the whole group when the database is full, and recovers', async () => {
    const changes = await changesOn(committer);
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages}`);
    const many = flood('u', 500);
    const outcomes = await Promise.allSettled([changes.send(many), changes.send([outgoing(change('v'))])]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable('SQLITE_FULL') });
    }
    expect(await changes.depth()).toMatchObject({ due: 0 });
    database.pragma('max_page_count = 100000');
    await changes.send(many);
    expect(await changes.depth()).toMatchObject({ due: 500 });
  });

  it('refuses sends and settles while the file is read-only, still counts, and recovers', async () => {
    const changes = await changesOn(committer);
    await changes.send([outgoing(change('u1'))]);
    const [delivery] = await changes.take(wide);
    if (delivery === undefined) throw new Error('nothing was taken');
    database.pragma('query_only = 1');
    await expect(changes.send([outgoing(change('u2'))])).rejects.toEqual(unavailable('SQLITE_READONLY'));
    await expect(changes.settle(delivery, verdicts(delivery, done))).rejects.toEqual(unavailable());
    expect(await changes.depth()).toMatchObject({ due: 0, held: 1 });
    database.pragma('query_only = 0');
    await changes.settle(delivery, verdicts(delivery, done));
    expect(await changes.depth()).toMatchObject({ due: 0, held: 0 });
  });

  it('still wakes those who listen for what a failed take did not see', async () => {
    const changes = await changesOn(committer);
    expect(await changes.take(wide)).toEqual([]);
    await changes.send([outgoing(change('u1'))]);
    database.pragma('query_only = 1');
    await expect(changes.take(wide)).rejects.toEqual(unavailable('SQLITE_READONLY'));
    database.pragma('query_only = 0');
    await changes.ready(AbortSignal.timeout(5_000));
    expect(await changes.take(wide)).toHaveLength(1);
  });

  it('refuses what comes after it was closed, and leaves the database to its owner', async () => {
    const changes = await changesOn(committer);
    const sending = changes.send([outgoing(change('u1'))]);
    await committer.close();
    await sending;
    await expect(changes.send([outgoing(change('u2'))])).rejects.toEqual(unavailable('CLOSED'));
    expect(await (await changesOn(createInThreadCommitter(database))).depth()).toMatchObject({ due: 1 });
  });
});
