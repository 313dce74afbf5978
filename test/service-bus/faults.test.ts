import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { codeOf, one, several, taken, until } from './broker.ts';
import { open } from './open.ts';

/**
 * Another link is open, so the client has read what was sent to it before. What it sends on a link at the moment of
 * its end is never answered, and it waits for its timeout then: for 60 s when it settles or puts a token.
 */
async function noticed(client: ServiceBusClient): Promise<void> {
  await client.createSender('sessions').createMessageBatch();
}

test('ServerBusy strikes so many operations, and says how long to wait', async () => {
  const { bus, client } = await open();
  const sender = client.createSender('plain');
  bus.faults.serverBusy(2, 'send');
  await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({
    code: 'ServiceBusy',
    message: expect.stringContaining('Error code: 50009') as unknown,
  });
  expect(await codeOf(sender.sendMessages({ body: 2 }))).toBe('ServiceBusy');
  await sender.sendMessages({ body: 3 });
  expect(bus.depth('plain').active).toBe(1);
  expect(bus.faults.struck).toBe(2);
});

test('ServerBusy strikes links, requests and settlements as well', async () => {
  const { bus, client } = await open();
  await client.createSender('plain').sendMessages({ body: 1 });
  bus.faults.serverBusy(1, 'attach');
  expect(await codeOf(client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' }))).toBe(
    'ServiceBusy',
  );
  const receiver = client.createReceiver('plain');
  bus.faults.serverBusy(1, 'manage');
  expect(await codeOf(receiver.peekMessages(1))).toBe('ServiceBusy');
  const message = await one(receiver);
  bus.faults.serverBusy(1, 'settle');
  expect(await codeOf(receiver.completeMessage(message))).toBe('ServiceBusy');
  expect(bus.depth('plain').active).toBe(1);
});

test('a client that retries outlives a busy service', async () => {
  const { bus, connect } = await open();
  bus.faults.serverBusy(3);
  const client = connect({ retryOptions: { maxRetries: 5, retryDelayInMs: 20, timeoutInMs: 2_000 } });
  await client.createSender('plain').sendMessages({ body: 1 });
  expect(bus.depth('plain').active).toBe(1);
});

test('a full queue says so, by order and by its size', async () => {
  const { bus, client } = await open({ queues: { plain: {}, small: { maxSizeBytes: 5_000 } } });
  bus.faults.quotaExceeded(1);
  expect(await codeOf(client.createSender('plain').sendMessages({ body: 1 }))).toBe('QuotaExceeded');
  const sender = client.createSender('small');
  await sender.sendMessages({ body: 'x'.repeat(4_000) });
  expect(await codeOf(sender.sendMessages({ body: 'x'.repeat(4_000) }))).toBe('QuotaExceeded');
  await taken(client.createReceiver('small'));
  await sender.sendMessages({ body: 'x'.repeat(4_000) });
});

test('a refused token refuses whatever it was for, and the next one works', async () => {
  const { bus, client } = await open();
  bus.faults.refuseTokens(1);
  const sender = client.createSender('plain');
  expect(await codeOf(sender.sendMessages({ body: 1 }))).toBe('UnauthorizedAccess');
  await sender.sendMessages({ body: 1 });
});

test('slow answers take as long as they are told to', async () => {
  const { bus, client } = await open();
  const sender = client.createSender('plain');
  await sender.sendMessages({ body: 1 });
  bus.faults.slowMs = 300;
  const from = performance.now();
  await sender.sendMessages({ body: 2 });
  expect(performance.now() - from).toBeGreaterThanOrEqual(295);
  bus.faults.clear();
});

test('a cut connection: the client comes back, and what it held is given to others at once', async () => {
  const { bus, client } = await open();
  const sender = client.createSender('plain');
  await sender.sendMessages({ body: 1 });
  const seen: ServiceBusReceivedMessage[] = [];
  const receiver = client.createReceiver('plain');
  receiver.subscribe(
    {
      processMessage: async (message) => {
        seen.push(message);
        if (seen.length === 1) await new Promise(() => undefined);
      },
      processError: async () => undefined,
    },
    { autoCompleteMessages: false, maxConcurrentCalls: 2 },
  );
  await until(() => seen.length === 1);
  expect(bus.dropConnections()).toBe(1);
  await until(() => seen.length === 2);
  expect(seen[1]).toMatchObject({ body: 1, deliveryCount: 0 });
  await sender.sendMessages({ body: 2 });
  expect(bus.connections()).toBe(1);
});

test('after a cut connection the lock runs out by itself, when it is asked to be so', async () => {
  const { bus, client, connect } = await open({
    queues: { sessions: { requiresSession: true, lockDurationMs: 1_000 } },
    face: { locksAfterBreak: 'kept' },
  });
  await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' });
  const receiver = await client.acceptSession('sessions', 'a', { maxAutoLockRenewalDurationInMs: 0 });
  await one(receiver);
  bus.dropConnections();
  const other = connect();
  expect(await codeOf(other.acceptSession('sessions', 'a'))).toBe('SessionCannotBeLocked');
  const again = await other.acceptNextSession('sessions');
  expect(await one(again)).toMatchObject({ body: 1, deliveryCount: 1 });
});

test('a session held over a cut connection is lost, and can be had again', async () => {
  const { bus, client } = await open();
  await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' });
  const receiver = await client.acceptSession('sessions', 'a');
  const message = await one(receiver);
  bus.dropConnections();
  await until(() => receiver.isClosed);
  expect(await codeOf(receiver.completeMessage(message))).toBe('SessionLockLost');
  const again = await client.acceptSession('sessions', 'a');
  expect(await taken(again)).toMatchObject({ body: 1, deliveryCount: 0 });
});

test('a stolen session is lost to its holder and free for others', async () => {
  const { bus, client } = await open();
  await client.createSender('sessions').sendMessages([
    { body: 1, sessionId: 'a' },
    { body: 2, sessionId: 'a' },
  ]);
  const holder = await client.acceptSession('sessions', 'a');
  const [first] = await several(holder, 2);
  expect(bus.stealSessions('sessions')).toBe(1);
  expect(bus.stealSessions('sessions')).toBe(0);
  await until(() => holder.isClosed);
  if (first) expect(await codeOf(holder.completeMessage(first))).toBe('SessionLockLost');
  const thief = await client.acceptNextSession('sessions');
  const messages = await several(thief, 2);
  expect(messages.map(({ body, deliveryCount }) => [body as number, deliveryCount])).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test('idle links are closed, and opened again by whoever needs them', async () => {
  const { bus, client } = await open();
  const sender = client.createSender('plain');
  await sender.sendMessages({ body: 1 });
  const seen: unknown[] = [];
  const errors: unknown[] = [];
  client.createReceiver('plain').subscribe({
    processMessage: async ({ body }) => void seen.push(body),
    processError: async ({ error }) => void errors.push(error),
  });
  await until(() => seen.length === 1);
  bus.detachLinks();
  await noticed(client);
  await sender.sendMessages({ body: 2 });
  await until(() => seen.length === 2);
  expect(String(errors[0])).toContain('DetachForcedError');
});

test('a link without traffic is closed after its time', async () => {
  const { bus, client } = await open({ face: { idleLinkMs: 200 } });
  await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' });
  const receiver = await client.acceptSession('sessions', 'a');
  await until(() => receiver.isClosed);
  expect(bus.connections()).toBe(1);
  await (await client.acceptSession('sessions', 'a')).close();
});

test('a bus that stops is away, and has its messages when it is back', async () => {
  const { bus, connect } = await open();
  const client = connect({ retryOptions: { maxRetries: 20, retryDelayInMs: 50, timeoutInMs: 2_000 } });
  const sender = client.createSender('plain');
  await sender.sendMessages({ body: 1 });
  await bus.stop();
  const sending = sender.sendMessages({ body: 2 });
  await bus.restart();
  await sending;
  expect(bus.depth('plain').active).toBe(2);
  const receiver = client.createReceiver('plain');
  expect((await several(receiver, 2)).map(({ body }) => body as number)).toEqual([1, 2]);
});
