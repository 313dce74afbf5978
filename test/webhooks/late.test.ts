import { expect, it } from 'vitest';
import type { Outlet } from '../../src/engine/queue-port.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Change } from '../../src/model/change.ts';
import { createReceiver } from '../../webhooks/receiver.ts';
import { startReceiver } from '../../webhooks/server.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CURRENT_KEY, notification, postJson, TENANT_ID } from './desk.ts';

/** A queue whose disk says when it is done. */
function stalledQueue(): { queue: Outlet<Change>; sends: { finish: () => void }[] } {
  const sends: { finish: () => void }[] = [];
  return {
    sends,
    queue: {
      send: () =>
        new Promise((resolve) => {
          sends.push({ finish: resolve });
        }),
      reachable: () => Promise.resolve(),
    },
  };
}

it('answers only when the queue has stored it, and counts answers that Graph finds late', async () => {
  const clock = new VirtualClock();
  const { queue, sends } = stalledQueue();
  const receiver = createReceiver({
    tenants: new Map([[TENANT_ID, { key: 'contoso' }]]),
    keys: { current: CURRENT_KEY },
    changes: queue,
    clock,
    log: silentLog,
  });
  const server = await startReceiver({ receiver, host: '127.0.0.1', port: 0, clock: systemClock });
  for (const [took, over3s, over10s] of [
    [3_000, 0, 0],
    [3_001, 1, 0],
    [10_001, 2, 1],
  ] as const) {
    let answered = false;
    const response = postJson(`http://127.0.0.1:${server.port}/notifications`, { value: [notification()] });
    void response.then(() => {
      answered = true;
      return undefined;
    });
    await expect.poll(() => sends.length).toBe(1);
    await clock.run(clock.now() + took);
    expect(answered).toBe(false);
    expect(receiver.counters.accepted).toBe(over3s);
    sends.pop()?.finish();
    expect((await response).status).toBe(202);
    expect(receiver.counters).toMatchObject({ over3s, over10s });
  }
  await server.stop();
});
