import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { readDepths } from '../../src/queue/figures.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { change, done, outgoing, verdicts, wide } from '../contracts/queue-contract.ts';
import { changesOn, flood, unavailable } from './stock.ts';

const clock = systemClock;

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

  it('can be counted by another process while it is written, and changes nothing by it', async () => {
    expect(readDepths(file, clock.now())).toBeNull();
    const committer = createWorkerCommitter({ file, clock });
    const changes = await changesOn(committer);
    await changes.send([
      outgoing(change('u1')),
      outgoing(change('u2')),
      outgoing(change('u3'), { delayMs: 60_000 }),
    ]);
    await changes.take({ keys: 1, messages: 1 });
    const depths = readDepths(file, clock.now());
    expect(depths?.changes).toMatchObject({ due: 1, delayed: 1, held: 1, dead: 0 });
    expect(depths?.writes).toEqual({ due: 0, delayed: 0, held: 0, dead: 0, oldestDueMs: 0 });
    expect(await changes.take(wide)).toHaveLength(1);
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
