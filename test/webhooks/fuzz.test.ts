import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/kit/log.ts';
import {
  clientState,
  lifecycle,
  notification,
  openDesk,
  OTHER_TENANT_ID,
  USER_ID,
  type Desk,
} from './desk.ts';
import { anything, fields, headers, method, target, text } from './arbitrary.ts';
import {
  expectConstant,
  expectQuietLog,
  expectWellFormed,
  jsonTo,
  requestOf,
  seedFuzz,
  speak,
  type Answer,
} from './strangers.ts';

seedFuzz();

const path = fc.constantFrom('/notifications', '/lifecycle');

let desk: Desk;
const lines: string[] = [];
beforeAll(async () => {
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  desk = await openDesk({ slowClientMs: 1_000, log });
});
afterAll(() => desk.close());

/** Says it, and holds that the answer is made of constants and not of the request. */
async function said(bytes: Uint8Array, token?: string): Promise<number[]> {
  const answers: readonly Answer[] = await speak(desk.port, bytes);
  expectConstant(answers, token);
  return answers.map(({ status }) => status);
}

/** Of a stranger, who has no secret of ours: nothing of it reaches the queue. */
async function harmless(bytes: Uint8Array, token?: string): Promise<number[]> {
  const statuses = await said(bytes, token);
  expect(desk.receiver.counters).toMatchObject({ accepted: 0, unavailable: 0 });
  expect(desk.committer.commits()).toBe(0);
  return statuses;
}

describe('strangers', () => {
  it('may send any bytes instead of a request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => void (await harmless(bytes))),
      { numRuns: 100 },
    );
  });

  it('may send any target by any method', async () => {
    await fc.assert(
      fc.asyncProperty(method, target, async (method, target) => {
        await harmless(requestOf(`${method} ${target}`, {}));
      }),
      { numRuns: 300 },
    );
  });

  it('may send any bytes as a body', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 400 }), async (path, body) => {
        expect(await harmless(jsonTo(path, body))).toEqual([400]);
      }),
      { numRuns: 100 },
    );
  });

  it('may send any JSON', async () => {
    const json = fc.oneof(
      fc.json(),
      fc.array(anything, { maxLength: 5 }).map((value) => JSON.stringify({ value })),
    );
    await fc.assert(
      fc.asyncProperty(path, json, async (path, body) => {
        expect(await harmless(jsonTo(path, body))).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  it('may send any headers and any query', async () => {
    const query = fc.oneof(
      fc.constant(''),
      fc.string().map((text) => `?${text}`),
      fc.webQueryParameters().map((text) => `?${text}`),
    );
    await fc.assert(
      fc.asyncProperty(path, query, headers, async (path, query, headers) => {
        await harmless(requestOf(`POST ${path}${query}`, headers, '{"value":[]}'));
      }),
      { numRuns: 200 },
    );
  });

  it('get their token back as plain text, decoded once, and nothing beside it', async () => {
    const token = fc.oneof(text, fc.webFragments()).filter((token) => token !== '' && token.isWellFormed());
    await fc.assert(
      fc.asyncProperty(path, token, async (path, token) => {
        const target = `POST ${path}?validationToken=${encodeURIComponent(token)}`;
        const [answer] = await speak(desk.port, requestOf(target, { 'content-type': 'text/html' }));
        expect(answer).toMatchObject({ status: 200, body: token });
        await harmless(requestOf(target, {}), token);
      }),
      { numRuns: 100 },
    );
  });

  it('may imitate an item down to all but its secret', async () => {
    const genuine = clientState();
    const secret = fc.oneof(
      anything,
      fc.string({ maxLength: 200 }),
      fc
        .nat(genuine.length - 1)
        .map((at) => genuine.slice(0, at) + (genuine[at] === 'A' ? 'B' : 'A') + genuine.slice(at + 1)),
      fc.constant(clientState({ key: Buffer.from('a guess') })),
      fc.constant(clientState({ tenantId: OTHER_TENANT_ID })),
      fc.constant(clientState({ resource: 'groups' })),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.array(secret, { minLength: 1, maxLength: 20 }), async (path, secrets) => {
        // A lifecycle post is about a subscription, whatever that is to.
        const theirs = secrets.filter(
          (one) => path === '/notifications' || one !== clientState({ resource: 'groups' }),
        );
        fc.pre(theirs.length > 0);
        const make = path === '/lifecycle' ? lifecycle : notification;
        const value = theirs.map((clientState) => make({ clientState }));
        const before = desk.receiver.counters.forged;
        expect(await harmless(jsonTo(path, JSON.stringify({ value })))).toEqual([202]);
        expect(desk.receiver.counters.forged - before).toBe(theirs.length);
      }),
      { numRuns: 100 },
    );
  });

  it('cause lines in the log that count them and quote nothing', async () => {
    expect(lines.length).toBeGreaterThan(0);
    expectQuietLog(lines);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('whoever has a secret of ours', () => {
  it('may change any other field of an item, at the price of one more look', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.array(fields, { minLength: 1, maxLength: 4 }), async (path, many) => {
        const value = many.map((one) => ({
          ...(path === '/lifecycle' ? lifecycle() : notification()),
          ...one,
        }));
        const statuses = await said(jsonTo(path, JSON.stringify({ value })));
        expect([[202], [400]]).toContainEqual(statuses);
        expectWellFormed(await desk.taken(), ['contoso', 'fabrikam']);
        await desk.clock.run(desk.clock.now() + 10);
      }),
      { numRuns: 250 },
    );
    expectQuietLog(lines);
  });

  it('is still answered after all of it: the change is in the queue', async () => {
    const before = desk.receiver.counters.accepted;
    const fresh = `dddddddd${USER_ID.slice(8)}`;
    const value = [notification({ resource: `Users/${fresh}` })];
    expect(await said(jsonTo('/notifications', JSON.stringify({ value })))).toEqual([202]);
    expect(desk.receiver.counters.accepted).toBe(before + 1);
    expect((await desk.taken()).filter(({ id }) => id === fresh)).toHaveLength(1);
  });
});
