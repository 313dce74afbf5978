import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { createReceiver } from '../../webhooks/receiver.ts';
import { startReceiver } from '../../webhooks/server.ts';
import { CURRENT_KEY, notification, TENANT_ID, USER_ID } from './desk.ts';

const CONNECTIONS = 64;
const POSTS_EACH = 25;

function post(agent: Agent, port: number, user: number): Promise<number> {
  const resource = `Users/${user.toString(16).padStart(8, '0')}${USER_ID.slice(8)}`;
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      port,
      method: 'POST',
      path: '/notifications',
      headers: { 'content-type': 'application/json' },
    };
    request(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end(JSON.stringify({ value: [notification({ resource })] }));
  });
}

it('one commit serves many: at most 0.04 of them for a notification at 64 connections', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'receiver-'));
  const clock = systemClock;
  const committer = createWorkerCommitter({ file: join(folder, 'queue.sqlite'), clock });
  const changes = await openSqliteQueue({ committer, messages: changeMessages, clock, leaseMs: 60_000 });
  const tenants = new Map([[TENANT_ID, { key: 'contoso' }]]);
  const receiver = createReceiver({
    tenants,
    keys: { current: CURRENT_KEY },
    changes,
    clock,
    log: silentLog,
  });
  const server = await startReceiver({ receiver, host: '127.0.0.1', port: 0, clock });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  const total = CONNECTIONS * POSTS_EACH;
  const statuses = new Set<number>();
  const connection = async (_: unknown, first: number): Promise<void> => {
    for (let user = first; user < total; user += CONNECTIONS)
      statuses.add(await post(agent, server.port, user));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  await server.stop();

  expect([...statuses]).toEqual([202]);
  expect(receiver.counters.accepted).toBe(total);
  expect(await changes.depth()).toMatchObject({ due: total });
  expect(committer.commits() / total).toBeLessThanOrEqual(0.04);
  await committer.close();
  rmSync(folder, { recursive: true });
});
