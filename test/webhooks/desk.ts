import Database from 'better-sqlite3';
import type { Queue } from '../../src/engine/queue-port.ts';
import { silentLog, type Log } from '../../src/kit/log.ts';
import { makeClientState, type Subject } from '../../src/model/client-state.ts';
import { Fault } from '../../src/model/fault.ts';
import type { Change } from '../../src/model/change.ts';
import type { Committer } from '../../src/queue/committer.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { createReceiver, type Receiver, type ReceiverOptions } from '../../webhooks/receiver.ts';
import { startReceiver, type RunningServer } from '../../webhooks/server.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';
export const OTHER_TENANT_ID = '99999999-2222-4333-8444-555555555555';
export const SUBSCRIPTION_ID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
export const USER_ID = 'bbbbbbbb-1111-4222-8333-000000000001';
export const CURRENT_KEY = Buffer.from('the key in use, 32 bytes or more!');
export const PREVIOUS_KEY = Buffer.from('the key before, 32 bytes or more!');

/** A receiver on a real queue in memory, served on loopback. */
export interface Desk {
  readonly url: string;
  readonly port: number;
  readonly receiver: Receiver;
  readonly committer: Committer;
  readonly clock: VirtualClock;
  /** Everything in the queue, taken and left as it is. */
  taken(): Promise<Change[]>;
  /** While true, the queue takes nothing. */
  refuseSends(refuse: boolean): void;
  close(): Promise<void>;
}

export async function openDesk(
  options: Partial<Pick<ReceiverOptions, 'limits' | 'log'>> & { slowClientMs?: number } = {},
): Promise<Desk> {
  const clock = new VirtualClock();
  const database = new Database(':memory:');
  const committer = createInThreadCommitter(database);
  const queue = await openSqliteQueue({ committer, messages: changeMessages, clock, leaseMs: 1 });
  let refusing = false;
  const changes: Queue<Change> = {
    ...queue,
    send: async (messages) => {
      if (refusing) throw new Fault('unavailable', 'the queue cannot be written', { code: 'SQLITE_FULL' });
      await queue.send(messages);
    },
  };
  const log: Log = options.log ?? silentLog;
  const receiver = createReceiver({
    tenants: new Map([
      [TENANT_ID, { key: 'contoso' }],
      [OTHER_TENANT_ID, { key: 'fabrikam' }],
    ]),
    keys: { current: CURRENT_KEY, previous: PREVIOUS_KEY },
    changes,
    clock,
    log,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const { slowClientMs } = options;
  const server: RunningServer = await startReceiver({
    receiver,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    ...(slowClientMs === undefined ? {} : { slowClientMs }),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    receiver,
    committer,
    clock,
    async taken() {
      const deliveries = await queue.take({ keys: 10_000, messages: 1_000 });
      return deliveries.flatMap(({ messages }) => messages.map(({ body }) => body));
    },
    refuseSends: (refuse) => {
      refusing = refuse;
    },
    async close() {
      await server.stop();
      database.close();
    },
  };
}

/** About users unless said otherwise. */
export function clientState({
  nonce = 'k1.nonce_0-9',
  tenantId = TENANT_ID,
  key = CURRENT_KEY,
  ...subject
}: { nonce?: string; tenantId?: string; key?: Uint8Array } & (Subject | { resource?: never }) = {}): string {
  const about: Subject = subject.resource === undefined ? { resource: 'users' } : subject;
  return makeClientState({ kind: 'notification', nonce, tenantId, key, ...about });
}

/** An item in the recorded live shape. */
export function notification(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    changeType: 'updated',
    clientState: clientState(),
    resource: `Users/${USER_ID}`,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.User',
      '@odata.id': `Users/${USER_ID}`,
      id: USER_ID,
      organizationId: TENANT_ID,
      sequenceNumber: 638059995676961300,
    },
    subscriptionExpirationDateTime: '2026-12-10T10:23:45.9356913-08:00',
    subscriptionId: SUBSCRIPTION_ID,
    tenantId: TENANT_ID,
    ...fields,
  };
}

export function lifecycle(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    subscriptionId: SUBSCRIPTION_ID,
    subscriptionExpirationDateTime: '2026-12-10T10:23:45.9356913-08:00',
    tenantId: TENANT_ID,
    clientState: clientState(),
    lifecycleEvent: 'reauthorizationRequired',
    ...fields,
  };
}

export function postJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
