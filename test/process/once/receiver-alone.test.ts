import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClientState } from '../../../src/model/client-state.ts';
import { startServiceBus, type ServiceBus } from '../../service-bus/start.ts';
import { install, type Installation } from '../installation.ts';
import type { Program } from '../program.ts';
import { until } from '../until.ts';

const USER = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

let bus: ServiceBus;
let on: Installation;
let receiver: Program;
let origin = '';

beforeAll(async () => {
  const queue = { requiresSession: true };
  bus = await startServiceBus({ queues: { changes: queue, writes: queue } });
  on = await install({ people: 5, mailboxes: 1, seed: 3, env: { BUS: bus.connectionString } });
  // Neither the ledger's address nor the key of the fingerprints is in the environment, nor the certificate on the disk.
  await on.configure({
    more: {
      queue: { serviceBus: { connectionString: 'env:BUS', buckets: 8 } },
      ledger: { postgres: { url: 'env:NOT_FOR_THE_RECEIVER' } },
      deployment: 'several',
      fingerprintKey: 'env:NOT_FOR_THE_RECEIVER_EITHER',
    },
  });
  await rm(path.join(on.folder, 'app.pem'));
  receiver = on.start('run', '--role', 'receiver');
  await until(() => receiver.said().includes('receiver listens'), {
    withinMs: 60_000,
    else: () => receiver.said(),
  });
  const port = /"port":(\d+)/.exec(receiver.said())?.[1];
  origin = `http://127.0.0.1:${port}`;
}, 90_000);

afterAll(async () => {
  await on.close();
  await bus.close();
});

const genuine = (): string =>
  makeClientState({
    kind: 'notification',
    resource: 'users',
    nonce: 'n',
    tenantId: on.tenant.tenantId,
    key: Buffer.from('k'.repeat(48)),
  });

const post = (clientState: string): Promise<Response> =>
  fetch(`${origin}/notifications`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      value: [
        {
          subscriptionId: USER,
          tenantId: on.tenant.tenantId,
          changeType: 'updated',
          resource: `Users/${USER}`,
          clientState,
        },
      ],
    }),
  });

describe('a receiver that can read neither the credential of a tenant nor the address of the ledger', () => {
  test('answers the handshake and for its health', async () => {
    const handshake = await fetch(`${origin}/notifications?validationToken=a%20token`, { method: 'POST' });
    expect([handshake.status, await handshake.text()]).toEqual([200, 'a token']);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
  });

  test('puts what is genuine on the bus, and nothing else', async () => {
    expect((await post('forged')).status).toBe(202);
    expect(bus.depth('changes').active).toBe(0);
    expect((await post(genuine())).status).toBe(202);
    expect(bus.depth('changes').active).toBe(1);
  });

  test('says 503 while the bus is away, and is well again when it is back', async () => {
    await bus.stop();
    const startedAt = Date.now();
    expect((await post(genuine())).status).toBe(503);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    await bus.restart();
    await until(async () => (await post(genuine())).status === 202, { withinMs: 60_000 });
  });

  test('no other role starts there, and each says in one line what it lacks', async () => {
    for (const role of ['worker', 'keeper']) {
      const { code, stderr } = await on.run('run', '--role', role);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /ledger\.postgres\.url: the environment variable NOT_FOR_THE_RECEIVER is not set\n/,
      );
    }
  });

  test('stops when told', async () => {
    receiver.kill('SIGTERM');
    expect(await receiver.ended).toMatchObject({ code: 0 });
  });
});
