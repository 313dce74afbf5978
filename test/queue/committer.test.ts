import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database, { type Database as Handle } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../src/engine/queue-port.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Change } from '../../src/model/change.ts';
import { createCommitter, type Committer } from '../../src/queue/committer.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import type { Executed } from '../../src/queue/store.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { change, outgoing, verdicts, done, wide } from '../contracts/queue-contract.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const unavailable = (code?: string): unknown =>
  expect.objectContaining({ name: 'Fault', kind: 'unavailable', ...(code === undefined ? {} : { code }) });

const clock = systemClock;

function changesOn(committer: Committer) {
  return openSqliteQueue({ committer, messages: changeMessages, clock, leaseMs: 60_000 });
}

/** A disk that commits when it is told to. */
function slowDisk(patient?: VirtualClock) {
  const groups: { size: number; commit: () => void }[] = [];
  const committer = createCommitter({
    execute: (operations) =>
      new Promise<Executed>((resolve) => {
        const rows = operations.flatMap((operation) => (operation.kind === 'append' ? operation.rows : []));
        const size = rows.reduce((total, row) => total + lengthOf(JSON.parse(row)), 0);
        groups.push({ size, commit: () => resolve({ outcomes: operations.map(() => null), wrote: true }) });
      }),
    release: () => {},
    ...(patient === undefined ? {} : { patience: { clock: patient, ms: 2 } }),
  });
  const send = (): Promise<void> => committer.send('changes', [['k', null, 0, 0, {}]]);
  return { groups, committer, send, settled: () => new VirtualClock().settle() };
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : Number.NaN;
}

function flood(name: string, count: number): Outgoing<Change>[] {
  return Array.from({ length: count }, (_, index) => outgoing(change(`${name}-${index}-${'x'.repeat(200)}`)));
}

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

  it('refuses what comes after it was closed, and leaves the database to its owner', async () => {
    const changes = await changesOn(committer);
    const sending = changes.send([outgoing(change('u1'))]);
    await committer.close();
    await sending;
    await expect(changes.send([outgoing(change('u2'))])).rejects.toEqual(unavailable('CLOSED'));
    expect(await (await changesOn(createInThreadCommitter(database))).depth()).toMatchObject({ due: 1 });
  });
});

describe('groups', () => {
  it('gather while one is on its way, and there is never more than one', async () => {
    const { groups, send, settled, committer } = slowDisk();
    const first = send();
    await settled();
    const others = [send(), send(), send()];
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([1]);
    groups[0]?.commit();
    await first;
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([1, 3]);
    groups[1]?.commit();
    await Promise.all(others);
    expect(committer.commits()).toBe(2);
  });

  it('wait for those who are about to come back, at most for the patience', async () => {
    const patient = new VirtualClock({ now: 0 });
    const { groups, send, settled } = slowDisk(patient);
    const crowd = Array.from({ length: 8 }, send);
    await settled();
    groups[0]?.commit();
    await Promise.all(crowd);

    const back = [send(), send()];
    await settled();
    expect(groups).toHaveLength(1);
    back.push(...Array.from({ length: 4 }, send));
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([8, 6]);
    groups[1]?.commit();
    await Promise.all(back);

    const alone = send();
    await settled();
    expect(groups).toHaveLength(2);
    await patient.run(2);
    expect(groups.map(({ size }) => size)).toEqual([8, 6, 1]);
    groups[2]?.commit();
    await alone;

    const next = send();
    await settled();
    expect(groups, 'a single caller waits for nobody').toHaveLength(4);
    groups[3]?.commit();
    await next;
  });

  it('are bounded: what does not fit is refused at once, and the rest goes on', async () => {
    const { groups, committer, send, settled } = slowDisk();
    const first = send();
    await settled();
    const envelopes = Array.from({ length: 60_000 }, () => ['k', null, 0, 0, {}] as const);
    const fits = committer.send('changes', envelopes);
    await expect(committer.send('changes', envelopes)).rejects.toEqual(unavailable('BACKLOG'));
    groups[0]?.commit();
    await first;
    await settled();
    groups[1]?.commit();
    await fits;
    expect(groups[1]?.size).toBe(60_000);
  });
});

describe('commits in a worker thread', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-'));
    file = join(folder, 'queue.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('shares commits between callers who come back again and again', async () => {
    const committer = createWorkerCommitter({ file, clock });
    const changes = await changesOn(committer);
    const rounds = 20;
    const caller = async (_: unknown, index: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1)
        await changes.send([outgoing(change(`u${index}-${round}`))]);
    };
    await Promise.all(Array.from({ length: 64 }, caller));
    expect(committer.commits() / (64 * rounds)).toBeLessThanOrEqual(0.04);
    expect(await changes.depth()).toMatchObject({ due: 64 * rounds });
    await committer.close();
  });

  it('refuses sends while the file is as large as it may be, and can be drained in small steps', async () => {
    const committer = createWorkerCommitter({ file, clock, maxMiB: 1 });
    const changes = await changesOn(committer);
    await changes.send(flood('a', 3_000));
    const full = await Promise.allSettled([changes.send(flood('b', 1)), changes.depth()]);
    expect(full[0]).toMatchObject({ status: 'rejected', reason: unavailable('FULL') });
    expect(full[1]).toMatchObject({ status: 'fulfilled', value: { due: 3_000 } });
    for (let left = 3_000; left > 0;) {
      const deliveries = await changes.take({ keys: 50, messages: 10 });
      await Promise.all(deliveries.map((delivery) => changes.settle(delivery, verdicts(delivery, done))));
      left -= deliveries.length;
    }
    await changes.send(flood('b', 3_000));
    expect(await changes.depth()).toMatchObject({ due: 3_000, held: 0 });
    await committer.close();
  });

  it('refuses while another process has the file locked, and recovers', async () => {
    const committer = createWorkerCommitter({ file, clock, busyMs: 1 });
    const changes = await changesOn(committer);
    await changes.send([outgoing(change('u1'))]);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(changes.send([outgoing(change('u2'))])).rejects.toEqual(unavailable('SQLITE_BUSY'));
    other.exec('ROLLBACK');
    other.close();
    await changes.send([outgoing(change('u3'))]);
    expect((await changes.take(wide)).map(({ messages }) => messages[0]?.body.id)).toEqual(['u1', 'u3']);
    await committer.close();
  });

  it('refuses a file that cannot be opened, until it can', async () => {
    const elsewhere = join(folder, 'later', 'queue.sqlite');
    const committer = createWorkerCommitter({ file: elsewhere, clock });
    const changes = await changesOn(committer);
    await expect(changes.send([outgoing(change('u1'))])).rejects.toEqual(unavailable());
    mkdirSync(join(folder, 'later'));
    await changes.send([outgoing(change('u1'))]);
    expect(await changes.depth()).toMatchObject({ due: 1 });
    await committer.close();
  });
});
