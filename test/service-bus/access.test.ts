import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import {
  ServiceBusAdministrationClient,
  ServiceBusClient,
  type ServiceBusClientOptions,
} from '@azure/service-bus';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { makeServerCertificate } from '../tenant/certificates.ts';
import { makeToken, type TokenWish } from './access/jwt.ts';
import { codeOf, IMPATIENT, one, until } from './broker.ts';
import { startServiceBus, type ServiceBus } from './start.ts';

const KEY = 'the authority';
const HOUR = 3_600_000;
const HOST = 'testns.servicebus.windows.net';

let bus: ServiceBus;

beforeAll(async () => {
  const { ca, server } = await makeServerCertificate('Service Bus double authority');
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  bus = await startServiceBus({
    tls: server,
    tokenKey: KEY,
    queues: { changes: {}, writes: { requiresSession: true } },
    keys: [{ name: 'sender', key: 'a key', rights: { changes: ['send'] } }],
    identities: {
      receiver: { changes: ['send'] },
      worker: { changes: ['send', 'listen'], writes: ['send', 'listen'] },
      owner: { '*': ['manage'] },
    },
  });
});

afterAll(() => bus.close());

function credential(oid: string, wish: Partial<TokenWish> = {}) {
  return {
    getToken: async (scope: string | string[]) => {
      expect([scope].flat()).toEqual(['https://servicebus.azure.net//.default']);
      const now = Date.now();
      const whole = { oid, key: KEY, issuedAt: now - 1_000, expiresAt: now + HOUR, ...wish };
      return { token: makeToken(whole), expiresOnTimestamp: whole.expiresAt };
    },
  };
}

function as(oid: string, wish: Partial<TokenWish> = {}): ServiceBusClient {
  return closing(
    new ServiceBusClient(HOST, credential(oid, wish), { ...IMPATIENT, customEndpointAddress: bus.address }),
  );
}

function by(connectionString: string, options: ServiceBusClientOptions = IMPATIENT): ServiceBusClient {
  return closing(new ServiceBusClient(connectionString, options));
}

function closing(client: ServiceBusClient): ServiceBusClient {
  onTestFinished(() => client.close());
  return client;
}

test('the same port speaks plain AMQP and TLS', async () => {
  await by(bus.connectionString).createSender('changes').sendMessages({ body: 'plain' });
  await by(bus.tlsConnectionString).createSender('changes').sendMessages({ body: 'secret' });
  const receiver = by(bus.tlsConnectionString).createReceiver('changes', { receiveMode: 'receiveAndDelete' });
  expect([(await one(receiver)).body, (await one(receiver)).body]).toEqual(['plain', 'secret']);
});

test('a wrong key, an unknown policy and a policy without the right are refused', async () => {
  const send = (connectionString: string) =>
    codeOf(by(connectionString).createSender('changes').sendMessages({ body: 1 }));
  expect(await send(bus.connectionString.replace('SAS_KEY_VALUE', 'guess'))).toBe('UnauthorizedAccess');
  expect(await send(bus.connectionString.replace('RootManage', 'NoSuch'))).toBe('UnauthorizedAccess');
  const sender = bus.connectionString
    .replace('RootManageSharedAccessKey', 'sender')
    .replace('SAS_KEY_VALUE', 'a key');
  expect(await send(sender)).toBe('nothing was refused');
  expect(
    await codeOf(by(sender).createReceiver('changes').receiveMessages(1, { maxWaitTimeInMs: 100 })),
  ).toBe('UnauthorizedAccess');
});

test('who may only send can do nothing else', async () => {
  const receiver = as('receiver');
  await receiver.createSender('changes').sendMessages({ body: 1 });
  const numbers = await receiver
    .createSender('changes')
    .scheduleMessages({ body: 2 }, new Date(Date.now() + HOUR));
  await receiver.createSender('changes').cancelScheduledMessages(numbers);
  const reading = receiver.createReceiver('changes');
  expect(await codeOf(reading.receiveMessages(1, { maxWaitTimeInMs: 100 }))).toBe('UnauthorizedAccess');
  expect(await codeOf(reading.peekMessages(1))).toBe('UnauthorizedAccess');
  const dead = receiver.createReceiver('changes', { subQueueType: 'deadLetter' });
  expect(await codeOf(dead.receiveMessages(1, { maxWaitTimeInMs: 100 }))).toBe('UnauthorizedAccess');
  expect(await codeOf(receiver.createSender('writes').sendMessages({ body: 1, sessionId: 'a' }))).toBe(
    'UnauthorizedAccess',
  );
});

test('who may send and listen can do both, on both queues', async () => {
  const worker = as('worker');
  await worker.createSender('writes').sendMessages({ body: 1, sessionId: 'w' });
  const session = await worker.acceptNextSession('writes');
  await session.setSessionState('state');
  await session.completeMessage(await one(session));
  await worker.createReceiver('changes').peekMessages(1);
});

test.each<[string, string, Partial<TokenWish>]>([
  ['an identity without a role', 'stranger', {}],
  ['a token for another audience', 'worker', { audience: 'https://graph.microsoft.com' }],
  ['a token of another authority', 'worker', { key: 'another' }],
  ['a token that is over', 'worker', { expiresAt: Date.now() - 1_000 }],
])('%s is refused', async (_what, oid, wish) => {
  expect(await codeOf(as(oid, wish).createSender('changes').sendMessages({ body: 1 }))).toBe(
    'UnauthorizedAccess',
  );
});

test('links are closed when their token ends', async () => {
  const client = as('worker', { expiresAt: Math.ceil(Date.now() / 1_000) * 1_000 + 1_000 });
  const errors: string[] = [];
  client.createReceiver('changes').subscribe({
    processMessage: async () => undefined,
    processError: async ({ error }) => void errors.push(String(error)),
  });
  await until(() => errors.length > 0);
  expect(errors[0]).toContain('ExpiredToken');
});

test('queues are created, read, listed and deleted by who may manage, and by nobody else', async () => {
  const clients = [
    new ServiceBusAdministrationClient(bus.tlsConnectionString),
    new ServiceBusAdministrationClient(`127.0.0.1:${bus.port}`, credential('owner')),
  ];
  for (const admin of clients) {
    const wanted = {
      requiresSession: true,
      lockDuration: 'PT30S',
      maxDeliveryCount: 7,
      defaultMessageTimeToLive: 'P14D',
      deadLetteringOnMessageExpiration: true,
      maxSizeInMegabytes: 5_120,
    };
    expect(await admin.createQueue('made', wanted)).toMatchObject({ name: 'made', ...wanted });
    expect(await admin.getQueue('made')).toMatchObject({
      name: 'made',
      ...wanted,
      requiresDuplicateDetection: false,
    });
    await expect(admin.createQueue('made')).rejects.toMatchObject({
      code: 'MessageEntityAlreadyExistsError',
    });
    const names: string[] = [];
    for await (const { name } of admin.listQueues()) names.push(name);
    expect(names).toEqual(['changes', 'made', 'writes']);
    await admin.deleteQueue('made');
    await expect(admin.getQueue('made')).rejects.toMatchObject({ code: 'MessageEntityNotFoundError' });
    await expect(admin.deleteQueue('made')).rejects.toMatchObject({ statusCode: 404 });
    await expect(admin.createQueue('long', { lockDuration: 'PT6M' })).rejects.toMatchObject({
      statusCode: 400,
    });
  }
  const worker = new ServiceBusAdministrationClient(`127.0.0.1:${bus.port}`, credential('worker'));
  await expect(worker.getQueue('changes')).rejects.toMatchObject({ statusCode: 401 });
});

test('the depth of a queue is what lies in it', async () => {
  const admin = new ServiceBusAdministrationClient(bus.tlsConnectionString);
  await admin.createQueue('deep');
  const client = by(bus.connectionString);
  const sender = client.createSender('deep');
  await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + HOUR));
  const receiver = client.createReceiver('deep');
  await receiver.deadLetterMessage(await one(receiver));
  expect(await admin.getQueueRuntimeProperties('deep')).toMatchObject({
    name: 'deep',
    totalMessageCount: 4,
    activeMessageCount: 2,
    deadLetterMessageCount: 1,
    scheduledMessageCount: 1,
  });
});
