import type { ServiceBusSessionReceiver } from '@azure/service-bus';
import { afterEach, expect, test } from 'vitest';
import { codeOf, none, one, several, unique, type Broker } from './broker.ts';

/** Who may have which session, and for how long. */
export function sessionsContract(on: () => Broker): void {
  const QUEUE = 'sessions';
  const opened: ServiceBusSessionReceiver[] = [];
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const accept = async (id: string): Promise<ServiceBusSessionReceiver> => {
    const receiver = await on().client.acceptSession(QUEUE, id, options);
    opened.push(receiver);
    return receiver;
  };
  const next = async (): Promise<ServiceBusSessionReceiver> => {
    const receiver = await on().client.acceptNextSession(QUEUE, options);
    opened.push(receiver);
    return receiver;
  };
  const send = (sessionId: string, ...bodies: unknown[]): Promise<void> =>
    on()
      .client.createSender(QUEUE)
      .sendMessages(bodies.map((body) => ({ body, sessionId })));
  const lost = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, on().lockMs * 1.3);
    });

  afterEach(async () => {
    for (const receiver of opened.splice(0)) await receiver.close();
  });

  test('a session keeps its order, and has one holder', async () => {
    const id = unique('a');
    await send(id, 1, 2, 3);
    const receiver = await accept(id);
    expect(receiver.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now() - 5_000);
    expect(await codeOf(accept(id))).toBe('SessionCannotBeLocked');
    expect(await take(receiver, 3)).toEqual([1, 2, 3]);
    await send(id, 4);
    expect(await take(receiver, 1)).toEqual([4]);
    await receiver.close();
    await (await accept(id)).close();
  });

  test('the next session is one with messages that nobody holds', async () => {
    const [one, other] = [unique('n'), unique('n')];
    await send(one, 1);
    await send(other, 2);
    const receivers = [await next(), await next()];
    expect(new Set(receivers.map(({ sessionId }) => sessionId))).toEqual(new Set([one, other]));
    for (const receiver of receivers) await take(receiver, 1);
  });

  test('who asks for the next session waits until there is one', async () => {
    const id = unique('w');
    const waiting = next();
    await send(id, 'at last');
    const receiver = await waiting;
    expect(receiver.sessionId).toBe(id);
    await take(receiver, 1);
  });

  test('who asks for the next session is told when there is none, and leaves nothing behind', async () => {
    const impatient = on().client.acceptNextSession(QUEUE, options);
    expect(await codeOf(impatient)).toBe('ServiceTimeout');
    const id = unique('t');
    await send(id, 1);
    const receiver = await next();
    expect(receiver.sessionId).toBe(id);
    await take(receiver, 1);
  });

  test('an abandoned message is the next again', async () => {
    const id = unique('b');
    await send(id, 1, 2);
    const receiver = await accept(id);
    await receiver.abandonMessage(await one(receiver));
    const again = await one(receiver);
    expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
    await receiver.completeMessage(again);
    expect(await take(receiver, 1)).toEqual([2]);
  });

  test('closing politely counts nothing', async () => {
    const id = unique('p');
    await send(id, 1, 2);
    const first = await accept(id);
    await several(first, 2);
    await first.close();
    const messages = await several(await accept(id), 2);
    expect(messages.map(({ body, deliveryCount }) => [body as number, deliveryCount])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    for (const message of messages) await opened.at(-1)?.completeMessage(message);
  });

  test('a lock that runs out counts what was taken, and another may have the session', async () => {
    const id = unique('x');
    await send(id, 1, 2);
    const first = await accept(id);
    const message = await one(first);
    await lost();
    const second = await accept(id);
    expect(await codeOf(first.completeMessage(message))).toBe('SessionLockLost');
    const messages = await several(second, 2);
    expect(messages.map(({ body, deliveryCount }) => [body as number, deliveryCount])).toEqual([
      [1, 1],
      [2, 0],
    ]);
    for (const each of messages) await second.completeMessage(each);
  });

  test('a renewed lock keeps the session', async () => {
    const id = unique('r');
    await send(id, 1);
    const receiver = await accept(id);
    const message = await one(receiver);
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, on().lockMs / 2);
      });
      expect((await receiver.renewSessionLock()).getTime()).toBeGreaterThan(Date.now());
    }
    await receiver.completeMessage(message);
    await none(receiver, on().quietMs);
  });

  test('a session keeps its state beyond its messages and holders', async () => {
    const id = unique('s');
    const first = await accept(id);
    expect(await first.getSessionState()).toBeNull();
    await first.setSessionState({ cursor: 7 });
    await first.close();
    const second = await accept(id);
    expect(await second.getSessionState()).toEqual({ cursor: 7 });
    await second.setSessionState(null);
    expect(await second.getSessionState()).toBeNull();
  });

  test('scheduled messages of a session come into it', async () => {
    const id = unique('d');
    await on()
      .client.createSender(QUEUE)
      .scheduleMessages({ body: 'due', sessionId: id }, new Date(Date.now() + 500));
    const receiver = await next();
    expect(receiver.sessionId).toBe(id);
    expect(await take(receiver, 1)).toEqual(['due']);
  });

  test('a deferred message belongs to its session', async () => {
    const id = unique('f');
    await send(id, 1);
    const receiver = await accept(id);
    const message = await one(receiver);
    await receiver.deferMessage(message);
    await none(receiver, on().quietMs);
    if (message.sequenceNumber === undefined) throw new Error('no number');
    const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber);
    expect(deferred?.body).toBe(1);
    if (deferred) await receiver.completeMessage(deferred);
  });

  test('dead letters of sessions are read without a session, and still name it', async () => {
    const id = unique('q');
    await send(id, 'bad');
    const receiver = await accept(id);
    await receiver.deadLetterMessage(await one(receiver), {
      deadLetterReason: 'bad',
      deadLetterErrorDescription: '',
    });
    const dead = on().client.createReceiver(QUEUE, { subQueueType: 'deadLetter' });
    const letter = await one(dead);
    expect(letter).toMatchObject({ body: 'bad', sessionId: id, deadLetterReason: 'bad' });
    await dead.completeMessage(letter);
  });

  test('looking can be kept to one session', async () => {
    const [id, other] = [unique('k'), unique('k')];
    await send(other, 'theirs');
    await send(id, 'mine');
    const receiver = await accept(id);
    expect((await receiver.peekMessages(10)).map(({ body }) => body as string)).toEqual(['mine']);
    await take(receiver, 1);
    await take(await accept(other), 1);
  });

  test('a queue with sessions takes no message and no receiver without one, nor the reverse', async () => {
    const message = await on()
      .client.createSender(QUEUE)
      .sendMessages({ body: 1 })
      .catch((error: Error) => error.message);
    expect(message).toContain('InvalidOperationError');
    const receiving = on().client.createReceiver(QUEUE).receiveMessages(1, { maxWaitTimeInMs: 100 });
    await expect(receiving).rejects.toThrow('InvalidOperationError');
    await expect(on().client.acceptSession('plain', 'any')).rejects.toThrow();
  });
}

async function take(receiver: ServiceBusSessionReceiver, count: number): Promise<unknown[]> {
  const messages = await several(receiver, count);
  for (const message of messages) await receiver.completeMessage(message);
  return messages.map(({ body }) => body as unknown);
}
