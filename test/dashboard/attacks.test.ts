import { connect } from 'node:net';
import * as fc from 'fast-check';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDashboard } from '../../src/dashboard/server.ts';
import { method, target } from '../webhooks/arbitrary.ts';
import { closed, requestOf, seedFuzz, speak, type Answer } from '../webhooks/strangers.ts';
import { openDesk, ORDERS, tokenIn, type Desk } from './desk.ts';

seedFuzz();

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const HOST = { host: '127.0.0.1' };
const PAUSE = { scope: 'job', name: 'staff' };

/** Nothing that came from the request, no page of Express's or Node's own, and every answer of ours with its headers. */
function expectGuarded(answers: readonly Answer[], sent: string): void {
  for (const { status, headers, body } of answers) {
    expect(status).toBeLessThan(500);
    expect(body).not.toMatch(/Cannot (?:GET|POST)|<pre>|node_modules|\bat .+\.ts:\d/);
    if (sent.length > 12) expect(body).not.toContain(sent);
    // What Node answers by itself has no body.
    if (body !== '') expect(headers.get('x-content-type-options')).toBe('nosniff');
    if (headers.get('content-type')?.startsWith('text/html')) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
  }
}

async function stillWorks(): Promise<void> {
  expect((await desk.ask('/sign-in')).status).toBe(200);
  expect(desk.house.orders).toEqual([]);
}

describe('strangers', () => {
  test('may send any target by any method, and see nothing of it again', async () => {
    await fc.assert(
      fc.asyncProperty(method, target, async (method, target) => {
        expectGuarded(await speak(desk.port, requestOf(`${method} ${target}`, HOST)), target);
      }),
      { numRuns: 250 },
    );
    await stillWorks();
  });

  test.each(['http://[', 'http://[::1/jobs', '*', 'http://%/'])(
    'whose address cannot be read get one line: %s',
    async (target) => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answers = await speak(desk.port, requestOf(`${method} ${target}`, HOST));
        expectGuarded(answers, target);
        expect(answers[0]?.headers.get('content-type') ?? 'text/plain').toContain('text/plain');
      }
      await stillWorks();
    },
  );

  test.each([
    '/assets/../links.ts',
    '/assets/..%2f..%2fdesk.ts',
    '/assets/%2e%2e/app.ts',
    '/assets/....//app.ts',
    '/assets/style.css%00.ts',
    '/assets//etc/passwd',
    '//jobs',
    '/%6aobs',
    '/./jobs',
  ])('reach no file and no page by another path: %s', async (target) => {
    const [answer] = await speak(desk.port, requestOf(`GET ${target}`, HOST));
    expect([303, 400, 403, 404]).toContain(answer?.status);
    expect(answer?.body).not.toMatch(/import |Everything is all right/);
  });

  test('flood it with headers in vain', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`x-${at}`, 'flood']));
    for (const headers of [{ cookie: 'x'.repeat(20_000) }, many]) {
      const answers = await speak(desk.port, requestOf('GET /', { ...HOST, ...headers }));
      expect(answers.map(({ status }) => status)).toEqual([431]);
    }
    await stillWorks();
  });

  test('are cut when they are silent, or drip headers or a form', async () => {
    const server = await startDashboard(express(), { host: '127.0.0.1', port: 0 }, 200);
    const starts = [
      '',
      'GET / HTTP/1.1\r\nHost: 127.',
      'POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\ncode=',
    ];
    await Promise.all(
      starts.map(async (start) => {
        const socket = connect(server.port, '127.0.0.1');
        const over = closed(socket.resume());
        socket.write(start);
        const drip = setInterval(() => void (start !== '' && socket.write('x')), 20);
        await over;
        clearInterval(drip);
      }),
    );
    await server.stop();
  });
});

describe('who is signed in', () => {
  test('writes no line of their own into the log, whatever a form holds', async () => {
    const visitor = await desk.signIn();
    const token = tokenIn((await visitor.get('/jobs')).text);
    const planted = 'x\r\n{"level":"info","msg":"planted"}\u001b[2K\u0085\u2028';
    for (const order of ORDERS) {
      const form = { scope: planted, name: planted, job: planted, mailbox: planted, id: planted };
      for (const fields of [form, { ...form, scope: 'job', sure: 'yes', typed: planted }])
        await visitor.raw(order, { ...fields, token });
    }
    const lines = desk.log().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(ORDERS.length);
    for (const line of lines) {
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      expect(line).toMatch(/^\{"level":"[a-z]+","time":[^\u0000-\u001f\u007f-\u009f\u2028]+\}$/);
      expect(line).not.toContain('planted');
    }
  });

  test('finds no job, tenant or page under the names that objects have by themselves', async () => {
    const visitor = await desk.signIn();
    const token = tokenIn((await visitor.get('/jobs')).text);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect((await visitor.raw('/pause', { scope: 'job', name, token })).status).toBe(303);
      expect((await visitor.raw('/revert', { job: name, typed: name, token })).status).toBe(303);
      expect((await visitor.raw('/pause', { [name]: 'x', scope: name, token })).status).toBe(303);
      expect((await visitor.get(`/${name}`)).status).toBe(404);
      expect((await visitor.raw(`/${name}`, { token })).status).toBe(404);
    }
    expect(desk.house.orders).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect((await visitor.raw('/pause', { ...PAUSE, token })).status).toBe(303);
    expect(desk.house.orders).toHaveLength(1);
  });
});
