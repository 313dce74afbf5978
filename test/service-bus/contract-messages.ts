import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { beforeEach, expect, test } from 'vitest';
import { codeOf, empty, none, one, several, taken, unique, type Broker } from './broker.ts';

/** What becomes of messages in a queue without sessions. */
export function messagesContract(on: () => Broker): void {
  const sender = (queue = 'plain') => on().client.createSender(queue);
  const receiver = (queue = 'plain') =>
    on().client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0 });
  const deadLetters = () => on().client.createReceiver('plain', { subQueueType: 'deadLetter' });

  beforeEach(async () => {
    await empty(on(), 'plain');
    await empty(on(), 'plain', true);
  });

  test('a message arrives as it was sent, and is gone when it is completed', async () => {
    const sent = {
      messageId: unique('m'),
      correlationId: 'c',
      subject: 's',
      contentType: 'application/json',
      replyTo: 'r',
      timeToLive: 60_000,
      applicationProperties: { text: 't', count: 2, share: 1.5, yes: true },
    };
    await sender().sendMessages({ ...sent, body: { nested: { list: [1, 'two'] } } });
    const link = receiver();
    const message = await one(link);
    expect(message).toMatchObject({ ...sent, body: { nested: { list: [1, 'two'] } }, deliveryCount: 0 });
    expect(message.sequenceNumber?.toNumber()).toBeGreaterThan(0);
    expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now() - 5_000);
    await link.completeMessage(message);
    await none(link, on().quietMs);
  });

  test('a batch arrives whole and in order; a message without an id gets one', async () => {
    const batch = await sender().createMessageBatch();
    for (let index = 0; index < 50; index += 1) expect(batch.tryAddMessage({ body: index })).toBe(true);
    await sender().sendMessages(batch);
    const link = receiver();
    const messages = await several(link, 50);
    expect(messages.map(({ body }) => body as number)).toEqual([...Array(50).keys()]);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(50);
    await Promise.all(messages.map((message) => link.completeMessage(message)));
    await none(link, on().quietMs);
  });

  test('what is larger than a message may be is refused by itself', async () => {
    const link = sender();
    expect(await codeOf(link.sendMessages({ body: 'x'.repeat(300_000) }))).toBe('MessageSizeExceeded');
    await link.sendMessages({ body: 'small' });
    expect((await taken(receiver())).body).toBe('small');
  });

  test('bytes stay bytes', async () => {
    await sender().sendMessages({ body: Buffer.from([0, 255, 1]) });
    expect(Buffer.from((await taken(receiver())).body as Buffer)).toEqual(Buffer.from([0, 255, 1]));
  });

  test('what is received and deleted does not come again', async () => {
    await sender().sendMessages([{ body: 1 }, { body: 2 }]);
    const link = on().client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    expect((await several(link, 2)).map(({ body }) => body as number)).toEqual([1, 2]);
    await none(receiver(), on().quietMs);
  });

  test('an abandoned message comes again with its changes, and at the last delivery goes to the dead letters', async () => {
    await sender().sendMessages({ body: 'poison', applicationProperties: { kept: 1 } });
    const link = receiver();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const message = await one(link);
      expect(message.deliveryCount).toBe(attempt);
      expect(message.applicationProperties).toEqual(attempt === 0 ? { kept: 1 } : { kept: 1, attempt });
      await link.abandonMessage(message, { attempt: attempt + 1 });
    }
    await none(link, on().quietMs);
    expect(await one(deadLetters())).toMatchObject({
      body: 'poison',
      deadLetterReason: 'MaxDeliveryCountExceeded',
    });
  });

  test('a dead letter says why, and can be completed', async () => {
    await sender().sendMessages({ body: 'bad' });
    const link = receiver();
    await link.deadLetterMessage(await one(link), {
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'no such version',
      version: 9,
    });
    const dead = deadLetters();
    const message = await one(dead);
    expect(message).toMatchObject({
      body: 'bad',
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'no such version',
      deadLetterSource: 'plain',
      applicationProperties: { version: 9 },
    });
    await dead.completeMessage(message);
    await none(dead, on().quietMs);
  });

  test('a deferred message waits for whoever knows its number', async () => {
    await sender().sendMessages({ body: 'later' });
    const link = receiver();
    const message = await one(link);
    await link.deferMessage(message, { why: 'early' });
    await none(link, on().quietMs);
    const number = numberOf(message);
    const [deferred] = await link.receiveDeferredMessages(number);
    expect(deferred).toMatchObject({
      body: 'later',
      state: 'deferred',
      applicationProperties: { why: 'early' },
    });
    if (deferred) await link.completeMessage(deferred);
    expect(await codeOf(link.receiveDeferredMessages(number))).toBe('MessageNotFound');
  });

  test('a lock runs out, counts as an attempt, and settling comes too late', async () => {
    await sender().sendMessages({ body: 'slow' });
    const link = receiver();
    const first = await one(link);
    const again = await one(link);
    expect(again).toMatchObject({ body: 'slow', deliveryCount: 1 });
    expect(await codeOf(link.completeMessage(first))).toBe('MessageLockLost');
    await link.completeMessage(again);
  });

  test('a renewed lock lasts longer', async () => {
    await sender().sendMessages({ body: 'slow' });
    const link = receiver();
    const message = await one(link);
    const before = message.lockedUntilUtc?.getTime() ?? 0;
    for (let quarter = 0; quarter < 5; quarter += 1) {
      const until = await link.renewMessageLock(message);
      expect(until.getTime()).toBeGreaterThanOrEqual(before);
      await new Promise((resolve) => {
        setTimeout(resolve, on().lockMs / 4);
      });
    }
    await link.completeMessage(message);
    await none(link, on().quietMs);
  });

  test('a message that lived too long is a dead letter', async () => {
    await sender().sendMessages({ body: 'brief', timeToLive: 300 });
    expect(await several(deadLetters(), 1)).toMatchObject([
      { body: 'brief', deadLetterReason: 'TTLExpiredException' },
    ]);
    await none(receiver(), on().quietMs);
  });

  test('a scheduled message comes when its time has come, with a new number; a cancelled one never', async () => {
    const at = new Date(Date.now() + 1_000);
    const [kept, cancelled] = await sender().scheduleMessages([{ body: 'kept' }, { body: 'cancelled' }], at);
    if (kept === undefined || cancelled === undefined) throw new Error('no numbers');
    await sender().cancelScheduledMessages(cancelled);
    const link = receiver();
    await none(link, on().quietMs);
    const message = await one(link);
    expect(message.body).toBe('kept');
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
    expect(message.sequenceNumber?.greaterThan(kept)).toBe(true);
    await link.completeMessage(message);
    await none(link, on().quietMs);
  });

  test('a message can say itself when it is to come', async () => {
    await sender().sendMessages({ body: 'timed', scheduledEnqueueTimeUtc: new Date(Date.now() + 700) });
    const link = receiver();
    await none(link, on().quietMs);
    expect((await taken(link)).body).toBe('timed');
  });

  test('looking at messages goes page by page and touches none', async () => {
    await sender().sendMessages([1, 2, 3, 4, 5].map((body) => ({ body })));
    const link = receiver();
    const first = await link.peekMessages(2);
    const second = await link.peekMessages(10);
    expect([...first, ...second].map(({ body }) => body as number)).toEqual([1, 2, 3, 4, 5]);
    expect(await link.peekMessages(10)).toEqual([]);
    const from = numberOf(second[1]);
    expect(
      (await link.peekMessages(2, { fromSequenceNumber: from })).map(({ body }) => body as number),
    ).toEqual([4, 5]);
    for (let index = 0; index < 5; index += 1) expect((await taken(link)).deliveryCount).toBe(0);
  });

  test('an id is taken once within the window, also after its message was completed', async () => {
    const messageId = unique('once');
    const link = receiver('once');
    await sender('once').sendMessages([
      { body: 1, messageId },
      { body: 2, messageId },
    ]);
    const message = await one(link);
    expect(message.body).toBe(1);
    await link.completeMessage(message);
    await sender('once').sendMessages({ body: 3, messageId });
    await none(link, on().quietMs);
  });

  test('a queue that is not there is not found', async () => {
    expect(await codeOf(sender('nowhere').sendMessages({ body: 1 }))).toBe('MessagingEntityNotFound');
    expect(await codeOf(receiver('nowhere').peekMessages(1))).toBe('MessagingEntityNotFound');
    expect(await codeOf(receiver('nowhere').receiveMessages(1, { maxWaitTimeInMs: 100 }))).toBe(
      'MessagingEntityNotFound',
    );
  });
}

function numberOf(message: ServiceBusReceivedMessage | undefined) {
  if (message?.sequenceNumber === undefined) throw new Error('The message has no number.');
  return message.sequenceNumber;
}
