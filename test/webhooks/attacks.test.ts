import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/kit/log.ts';
import { clientState, lifecycle, notification, openDesk, postJson, USER_ID, type Desk } from './desk.ts';
import { closed, expectConstant, expectQuietLog, jsonTo, requestOf, speak } from './strangers.ts';

let desk: Desk;
let lines: string[];
beforeEach(async () => {
  lines = [];
  desk = await openDesk({ log: createLog('debug', { write: (line) => void lines.push(line) }) });
});
afterEach(() => desk.close());

const genuine = (): string => JSON.stringify({ value: [notification()] });

/** Nothing of what came before has hurt it. */
async function stillWorks(): Promise<void> {
  const { status } = await postJson(`${desk.url}/notifications`, genuine());
  expect(status).toBe(202);
  expect(await desk.taken()).toHaveLength(1);
}

async function statusesOf(bytes: Uint8Array | string): Promise<number[]> {
  const answers = await speak(desk.port, bytes);
  expectConstant(answers);
  return answers.map(({ status }) => status);
}

describe('a flood of headers', () => {
  it('of more than 16 KiB is refused before the body, whether in one or in thousands', async () => {
    const json = { 'content-type': 'application/json' };
    const one = { ...json, 'x-padding': 'x'.repeat(20_000) };
    expect(await statusesOf(requestOf('POST /notifications', one, genuine()))).toEqual([431]);
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`x-${at}`, 'flood']));
    expect(await statusesOf(requestOf('POST /notifications', { ...json, ...many }, genuine()))).toEqual([
      431,
    ]);
    expect(desk.receiver.counters.accepted).toBe(0);
    await stillWorks();
  });

  it('that never ends is cut while it comes', async () => {
    const socket = connect(desk.port, '127.0.0.1');
    const over = closed(socket);
    let sent = 0;
    socket.write('POST /notifications HTTP/1.1\r\nHost: here\r\n');
    const flood = setInterval(() => {
      sent += 4_096;
      socket.write(`x-more: ${'x'.repeat(4_086)}\r\n`);
    }, 1);
    socket.resume();
    await over;
    clearInterval(flood);
    expect(sent).toBeLessThan(1_000_000);
    await stillWorks();
  });

  it('over a hundred connections at once holds up nobody', async () => {
    const flood = requestOf('POST /notifications', { 'x-padding': 'x'.repeat(20_000) });
    const all = await Promise.all(Array.from({ length: 100 }, () => statusesOf(flood)));
    // Who still writes while the answer comes may have it taken away by the reset.
    expect(new Set(all.flat())).toEqual(new Set([431]));
    await stillWorks();
  });
});

describe('a path that means another', () => {
  it.each([
    '//notifications',
    '/./notifications',
    '/x/../notifications',
    '/%2e%2e/notifications',
    '/%6eotifications',
    '/notifications%2f',
    '/notifications%00',
    '/notifications;x=1',
    '/notifications/..%2ffigures',
    '/\\notifications',
    '/notifications\\..\\figures',
    '/..%c0%af..%c0%afetc/passwd',
    'notifications',
    '//evil.example/notifications',
    'http://evil.example//notifications',
  ])('is none: %s', async (target) => {
    const answers = await speak(desk.port, jsonTo(target, genuine()));
    expectConstant(answers);
    expect([400, 404]).toContain(answers[0]?.status);
    expect(desk.receiver.counters.accepted).toBe(0);
    await stillWorks();
  });

  it.each([
    'http://[',
    'http://[::1/notifications',
    'http://a:b:c/',
    'http://here:99999/x',
    'http://%/',
    '*',
    '?',
  ])('or cannot be read is answered like any other that is not there: %s', async (target) => {
    // Node would tell of it on standard error, with what was sent.
    const warned = vi.spyOn(process, 'emitWarning');
    for (const method of ['POST', 'GET', 'OPTIONS']) {
      const answers = await speak(desk.port, requestOf(`${method} ${target}`, {}));
      expectConstant(answers);
      expect([400, 404]).toContain(answers[0]?.status);
    }
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    await stillWorks();
  });
});

describe('the name that a request calls us by', () => {
  it.each(['evil.example', 'evil.example"><script>', '127.0.0.1:1@evil.example', '[::1', ''])(
    'changes no answer and stands in none: %o',
    async (host) => {
      const more = { host, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
      const post = requestOf(
        'POST /notifications',
        { ...more, 'content-type': 'application/json' },
        genuine(),
      );
      expect(await statusesOf(post)).toEqual([202]);
      expect(await statusesOf(requestOf('GET /healthz', more))).toEqual([200]);
      expect(await statusesOf(requestOf('GET /nowhere', more))).toEqual([404]);
    },
  );
});

describe('a genuine post that somebody has recorded', () => {
  it('asks for the same look, however often it comes', async () => {
    const recorded = jsonTo('/notifications', genuine());
    for (let times = 0; times < 50; times += 1) expect(await statusesOf(recorded)).toEqual([202]);
    expect(await desk.taken()).toEqual([
      { v: 1, kind: 'user', tenant: 'contoso', id: USER_ID, causes: ['notification'], at: desk.clock.now() },
    ]);
  });

  it('does nothing once its key is gone', async () => {
    const retired = clientState({ key: Buffer.from('the key of last year, 32 bytes or more!') });
    const recorded = JSON.stringify({ value: [notification({ clientState: retired })] });
    expect(await statusesOf(jsonTo('/notifications', recorded))).toEqual([202]);
    expect(desk.receiver.counters).toMatchObject({ forged: 1, accepted: 0 });
    expect(await desk.taken()).toEqual([]);
  });

  it('does nothing at the other address', async () => {
    expect(await statusesOf(jsonTo('/lifecycle', genuine()))).toEqual([400]);
    expect(await statusesOf(jsonTo('/notifications', JSON.stringify({ value: [lifecycle()] })))).toEqual([
      400,
    ]);
    expect(await desk.taken()).toEqual([]);
  });
});

describe('names that objects have by themselves', () => {
  it.each([
    '{"value":[{"__proto__":ITEM}]}',
    '{"value":[{"constructor":{"prototype":ITEM}}]}',
    '{"__proto__":{"value":[ITEM]}}',
    '{"constructor":{"prototype":{"value":[ITEM]}}}',
    '{"value":[{"prototype":ITEM,"toString":1,"hasOwnProperty":1,"valueOf":null}]}',
  ])('lend nothing to an item: %s', async (shape) => {
    const body = shape.replace('ITEM', JSON.stringify(notification()));
    for (const path of ['/notifications', '/lifecycle'])
      expect(await statusesOf(jsonTo(path, body))).toEqual([400]);
    expect(desk.receiver.counters.accepted).toBe(0);
    const plain: Record<string, unknown> = {};
    expect([plain['clientState'], plain['value'], Object.keys(Object.prototype)]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    await stillWorks();
  });
});

describe('a line in the log that somebody would like to write', () => {
  it('is not written, whichever field or header it comes in', async () => {
    const planted = 'x\r\n{"level":"error","msg":"planted"}\u001b[2K\u0000\u0085\u2028planted';
    const fields = ['clientState', 'tenantId', 'subscriptionId', 'resource', 'lifecycleEvent', 'changeType'];
    for (const field of fields) {
      await postJson(`${desk.url}/notifications`, { value: [notification({ [field]: planted })] });
      await postJson(`${desk.url}/lifecycle`, { value: [lifecycle({ [field]: planted })] });
      await desk.clock.run(desk.clock.now() + 60_000);
    }
    await speak(desk.port, requestOf(`POST /notifications?${encodeURIComponent(planted)}`, {}));
    await speak(desk.port, requestOf('POST /notifications', { 'user-agent': 'planted\u001b[31m' }));
    expect(lines.length).toBeGreaterThan(3);
    expectQuietLog(lines);
    expect(lines.join('')).not.toContain('planted');
  });
});
