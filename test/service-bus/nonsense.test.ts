import { once } from 'node:events';
import { connect } from 'node:net';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import { codeOf, taken, until } from './broker.ts';
import { open, type Opened } from './open.ts';

async function stillWorks({ client }: Opened): Promise<void> {
  await client.createSender('plain').sendMessages({ body: 'well' });
  expect((await taken(client.createReceiver('plain'))).body).toBe('well');
}

test.each([
  ['noise', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 37) % 256))],
  ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a TLS record that is none', Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
  ['a frame that is too short', Buffer.from('AMQP\0\x01\0\0\0\0\0\x01\x02\0\0\0', 'latin1')],
  ['a frame of nonsense', Buffer.from('AMQP\0\x01\0\0\0\0\0\x10\x02\0\0\0ABCDEFGH', 'latin1')],
])('%s ends that connection and no other', async (_what, bytes) => {
  const opened = await open();
  await stillWorks(opened);
  const socket = connect(opened.bus.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  socket.end();
  await once(socket, 'close');
  await stillWorks(opened);
  await until(() => opened.bus.connections() === 1);
});

test('a client that vanishes in the middle of everything leaves nothing behind', async () => {
  const { bus, client, connect: other } = await open();
  const gone = other();
  const sender = gone.createSender('sessions');
  await sender.sendMessages([1, 2, 3].map((body) => ({ body, sessionId: 'a' })));
  await gone.acceptSession('sessions', 'a');
  const waiting = Promise.allSettled([
    gone.acceptNextSession('sessions'),
    sender.sendMessages({ body: 4, sessionId: 'a' }),
  ]);
  bus.dropConnections();
  const receiver = await client.acceptSession('sessions', 'a');
  expect(receiver.sessionId).toBe('a');
  await gone.close();
  await waiting;
  expect(bus.namespace.find('sessions').sessions.holds()).toHaveLength(1);
});

test('without a token nothing opens', async () => {
  const { bus } = await open();
  const connection = rhea.create_container().connect({
    host: '127.0.0.1',
    port: bus.port,
    reconnect: false,
    username: 'anybody',
  });
  const refused: unknown[] = [];
  for (const event of ['sender_error', 'receiver_error'])
    connection.on(event, ({ sender, receiver }) => refused.push((sender ?? receiver)?.error));
  connection.on('disconnected', () => undefined);
  connection.open_sender('plain');
  connection.open_receiver('plain');
  connection.open_receiver('plain/$management');
  await until(() => refused.length === 3);
  expect(refused).toEqual(
    Array(3).fill(expect.objectContaining({ condition: 'amqp:unauthorized-access' }) as unknown),
  );
  connection.close();
});

test('a name that is none does no harm', async () => {
  const { client } = await open();
  for (const name of ['$management', 'plain/$management/$management', '%00', '*', '__proto__'])
    expect(await codeOf(client.createSender(name).sendMessages({ body: 1 }))).not.toBe('nothing was refused');
});
