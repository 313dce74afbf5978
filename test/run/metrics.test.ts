import { createServer } from 'node:http';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import type { Operation, Outcome, Target } from '../../src/engine/ports.ts';
import type { Verdict } from '../../src/engine/queue-port.ts';
import { writeMessage } from '../../src/engine/send.ts';
import { METRICS_FOR } from '../../src/kit/config/web.ts';
import { silentLog } from '../../src/kit/log.ts';
import { Fault } from '../../src/model/fault.ts';
import type { Write } from '../../src/model/write.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { healthRole } from '../../src/run/health-role.ts';
import { expose } from '../../src/run/metrics/expose.ts';
import { keptFresh } from '../../src/run/metrics/kept-fresh.ts';
import { createMeter } from '../../src/run/metrics/meter.ts';
import { exposeConnections } from '../../src/run/metrics/of-connections.ts';
import { createMetrics } from '../../src/run/metrics/metrics.ts';
import SqliteDatabase from 'better-sqlite3';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { freePort } from '../process/free-port.ts';
import { readExposition, valueOf } from '../process/exposition.ts';

const told = async (registry: Registry) => readExposition(await registry.metrics());

async function openMeteredQueue() {
  const clock = new VirtualClock();
  const registry = new Registry();
  const committer = createInThreadCommitter(new SqliteDatabase(':memory:'));
  const queue = await openSqliteQueue({ committer, clock, leaseMs: 90_000, messages: writeMessages });
  const writes = createMeter(registry, { clock, routes: [] }).writes(queue);
  const seen = async (part: 'count' | 'sum'): Promise<number> =>
    valueOf(await told(registry), `contact_sync_lag_seconds_${part}`) ?? 0;
  const settle = async (verdict: Verdict): Promise<void> => {
    for (const delivery of await writes.take({ keys: 10, messages: 10 }))
      await writes.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, verdict])));
  };
  return { clock, writes, seen, settle };
}
const write = (at: number, announced?: number): Write => ({
  v: 1,
  kind: 'identity',
  tenant: 'contoso',
  slab: 0,
  identity: 'a',
  at,
  ...(announced === undefined ? {} : { announced }),
});

describe('how long a change took', () => {
  test('counts from the arrival to the write that is done, however often it was put off', async () => {
    const { clock, writes, seen, settle } = await openMeteredQueue();
    const arrived = clock.now();
    await clock.run(arrived + 2_000);
    await writes.send([writeMessage(write(clock.now(), arrived))]);
    await settle({ kind: 'later', delayMs: 5_000, countAttempt: false });
    expect(await seen('count')).toBe(0);
    await clock.run(arrived + 8_000);
    await settle({ kind: 'done' });
    expect([await seen('count'), await seen('sum')]).toEqual([1, 8]);
  });

  test('of two that are merged, the earlier arrival counts; of what nobody announced there is nothing', async () => {
    const { clock, writes, seen, settle } = await openMeteredQueue();
    const arrived = clock.now();
    await writes.send([writeMessage(write(arrived))]);
    await settle({ kind: 'done' });
    expect(await seen('count')).toBe(0);
    await writes.send([writeMessage(write(arrived, arrived))]);
    await clock.run(arrived + 3_000);
    await writes.send([writeMessage(write(clock.now(), clock.now()))]);
    await writes.send([writeMessage(write(clock.now()))]);
    await settle({ kind: 'done' });
    expect([await seen('count'), await seen('sum')]).toEqual([1, 3]);
  });
});

test('writes are counted by what came of them, reads are not', async () => {
  const registry = new Registry();
  const routes = [{ id: 'team/in', job: 'team' }];
  const outcomes: Outcome[] = [
    { kind: 'done' },
    { kind: 'fault', fault: new Fault('forbidden', 'no') },
    { kind: 'kept', ours: 1 },
    { kind: 'items', items: [] },
  ];
  const target: Target = {
    spare: async () => ({ operations: 0, idle: 0, askAt: 0 }),
    apply: async () => outcomes,
  };
  const at = { mailbox: 'm', folder: 'f' };
  const operations: Operation[] = [
    { ...at, route: 'team/in', kind: 'remove', item: 'i', identity: 'ann' },
    { ...at, route: 'team/in', kind: 'remove', item: 'j', identity: 'ann' },
    { ...at, route: 'left', kind: 'clear-folder' },
    { ...at, route: 'team/in', kind: 'list', fields: [] },
  ];
  const meter = createMeter(registry, { clock: new VirtualClock(), routes });
  expect(await meter.target('fabrikam/exchange', target).apply(operations, 'live')).toBe(outcomes);
  const samples = (await told(registry)).get('contact_sync_writes_total')?.samples;
  const common = { tenant: 'fabrikam', job_id: 'team', operation: 'remove' };
  expect(samples?.map(({ labels, value }) => [labels, value])).toEqual([
    [{ ...common, outcome: 'done' }, 1],
    [{ ...common, outcome: 'forbidden' }, 1],
    [{ tenant: 'fabrikam', job_id: 'left', operation: 'clear-folder', outcome: 'kept' }, 1],
  ]);
});

test('a limit whose name is none, and the fifty-first, are told as other', async () => {
  const registry = new Registry();
  const names = Array.from({ length: 60 }, (_, number) => `Limit${number}`);
  const throttles = {
    count: 0,
    after: () => [],
    counts: () =>
      ['an error of somebody@contoso', ...names].map((pool) => ({
        scope: 'tenant' as const,
        pool,
        count: 2,
      })),
  };
  exposeConnections(registry, new Map([['contoso', { throttles, answers: { all: () => [] } }]]));
  const families = await told(registry);
  expect(families.get('contact_sync_throttles_total')?.samples).toHaveLength(50);
  expect(valueOf(families, 'contact_sync_throttles_total', { pool: 'other' })).toBe(24);
  expect(await registry.metrics()).not.toContain('somebody');
});

describe('what is read somewhere else', () => {
  test('and cannot be read, is missing, and not 0; it comes back with its value', async () => {
    const registry = new Registry();
    let away = true;
    expose(registry, 'contact_sync_found_by_sweep_total', () => {
      if (away) throw new Error('away');
      return [[{}, 7]];
    });
    expect(valueOf(await told(registry), 'contact_sync_found_by_sweep_total')).toBeNull();
    away = false;
    expect(valueOf(await told(registry), 'contact_sync_found_by_sweep_total')).toBe(7);
    away = true;
    expect(valueOf(await told(registry), 'contact_sync_found_by_sweep_total')).toBeNull();
  });

  test('is read again after five seconds, later where reading takes long, and at once after a failure', async () => {
    const clock = new VirtualClock();
    let reads = 0;
    let takesMs = 0;
    let fails = false;
    const read = keptFresh(clock, async () => {
      reads += 1;
      if (takesMs > 0) await clock.sleep(takesMs);
      if (fails) throw new Error('away');
      return reads;
    });
    const start = clock.now();
    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    await clock.run(start + 4_900);
    expect(await read()).toBe(1);
    await clock.run(start + 5_100);
    takesMs = 1_000;
    const slow = read();
    await clock.run(start + 6_200);
    expect(await slow).toBe(2);
    await clock.run(start + 25_000);
    expect(await read()).toBe(2);
    await clock.run(start + 25_200);
    [takesMs, fails] = [0, true];
    await expect(read()).rejects.toThrow('away');
    fails = false;
    expect(await read()).toBe(4);
  });
});

describe('who may ask', () => {
  const releases: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const release of releases.splice(0)) await release();
  });

  test.each(METRICS_FOR)('%s', async (metrics) => {
    const port = await freePort();
    const config = { listen: { host: '127.0.0.1', port }, metrics };
    const role = healthRole(config, {
      ready: async () => 'ok',
      metrics: createMetrics({ role: 'worker', clock: new VirtualClock() }),
      log: silentLog,
    });
    const { stop } = await role.start(new AbortController().signal);
    if (stop) releases.push(stop);
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' };
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    // The connection's own address counts, and this is a loopback one.
    expect(answer.status).toBe(metrics === 'nobody' ? 404 : 200);
    expect((await answer.text()).includes('process_start_time_seconds')).toBe(metrics !== 'nobody');
  });

  test('an address that is taken keeps the process from starting', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    releases.push(() => new Promise((resolve) => taken.close(() => resolve())));
    const role = healthRole(
      { listen: { host: '127.0.0.1', port }, metrics: 'nobody' },
      {
        ready: async () => 'ok',
        metrics: createMetrics({ role: 'worker', clock: new VirtualClock() }),
        log: silentLog,
      },
    );
    await expect(role.start(new AbortController().signal)).rejects.toThrow('EADDRINUSE');
  });
});
