import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/engine/queue-port.ts';
import { changeMessage, newChange } from '../../src/engine/send.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Change } from '../../src/model/change.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { consume } from '../../src/run/consumer.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const PARALLEL = 2;

async function open(tenants: readonly string[]) {
  const clock = new VirtualClock();
  const committer = createInThreadCommitter(new SqliteDatabase(':memory:'));
  const queue = await openSqliteQueue({ committer, clock, leaseMs: 90_000, messages: changeMessages });
  const handled: string[] = [];
  let hanging = 0;
  const over = new AbortController();
  const free: (() => void)[] = [];
  const handle = async (deliveries: Delivery<Change>[]): Promise<void> => {
    const [tenant] = new Set(deliveries.map(({ messages }) => messages[0]?.body.tenant));
    if (tenant === 'slow') {
      hanging += 1;
      await new Promise<void>((resolve) => free.push(resolve));
    }
    for (const delivery of deliveries) {
      handled.push(...delivery.messages.map(({ body }) => body.id));
      await queue.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, { kind: 'done' }])));
    }
  };
  const consumer = { name: 'changes', queue, limit: { keys: 2, messages: 8 }, parallel: PARALLEL, tenants };
  const work = consume({ clock, log: silentLog }, { ...consumer, handle, renewMs: 30_000 }, over.signal);
  const send = (tenant: string, ids: readonly string[]): Promise<void> =>
    queue.send(
      ids.map((id) => changeMessage(newChange({ kind: 'user', tenant, id }, 'command', clock.now()))),
    );
  return {
    clock,
    handled,
    send,
    hanging: () => hanging,
    stop: async () => {
      over.abort();
      for (const one of free) one();
      await clock.run(clock.now() + 200);
      await work;
    },
  };
}

const many = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${prefix}-${number}`);

test('a tenant whose work hangs holds up no other, however much of it is due before theirs', async () => {
  const { clock, handled, send, hanging, stop } = await open(['slow', 'quick']);
  await send('slow', many('slow', 500));
  await clock.run(clock.now() + 10);
  await send('quick', many('quick', 50));
  await clock.run(clock.now() + 3_000);
  expect(handled.toSorted()).toEqual(many('quick', 50).toSorted());
  expect(hanging()).toBe(PARALLEL);
  await stop();
});

test('each tenant has so many takes at a time as there are for one alone', async () => {
  const { clock, send, hanging, stop } = await open(['slow']);
  await send('slow', many('slow', 500));
  await clock.run(clock.now() + 3_000);
  expect(hanging()).toBe(PARALLEL);
  await stop();
});

test('what was left by a tenant that is configured no more is handled beside the others', async () => {
  const { clock, handled, send, stop } = await open(['quick']);
  await send('former', ['f']);
  await send('quick', ['q']);
  await clock.run(clock.now() + 100);
  expect(handled.toSorted()).toEqual(['f', 'q']);
  await stop();
});
