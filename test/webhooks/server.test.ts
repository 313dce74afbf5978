import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/kit/log.ts';
import { clientState, notification, openDesk, postJson, USER_ID, type Desk } from './desk.ts';
import { closed as closedFor } from './strangers.ts';

let desk: Desk;
afterEach(() => desk.close());

async function dial(): Promise<{ socket: Socket; heard: () => string; closed: Promise<unknown> }> {
  const socket = connect(desk.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  const closed = closedFor(socket);
  await once(socket, 'connect');
  return { socket, heard: () => text, closed };
}

const head = (length: number, rest = ''): string =>
  `POST /notifications HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${rest}\r\n`;

/** A post of exactly that many bytes, with one notification. */
function postOf(bytes: number): string {
  const start = JSON.stringify({ value: [notification()], padding: '' }).slice(0, -2);
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
}

function items(count: number): { value: unknown[] } {
  return { value: Array.from({ length: count }, () => 0) };
}

describe('sizes', () => {
  it('refuses a body over the limit, by its announced length and by its real one', async () => {
    desk = await openDesk({ limits: { bodyBytes: 10_000 } });
    const body = JSON.stringify({ value: [notification()], padding: 'x'.repeat(10_000) });
    expect((await postJson(`${desk.url}/notifications`, body)).status).toBe(413);
    const { socket, heard, closed } = await dial();
    socket.write(
      'POST /notifications HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
    );
    for (let part = 0; part < 11; part += 1) socket.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`);
    socket.write('0\r\n\r\n');
    await closed;
    expect(heard()).toMatch(/^HTTP\/1\.1 413 /);
    expect(await desk.taken()).toEqual([]);
    expect(desk.receiver.counters.refused).toBe(2);
  });

  it('takes 2 MiB and no more unless told otherwise', async () => {
    desk = await openDesk();
    expect((await postJson(`${desk.url}/notifications`, postOf(2 * 2 ** 20))).status).toBe(202);
    expect((await postJson(`${desk.url}/notifications`, postOf(2 * 2 ** 20 + 1))).status).toBe(413);
    expect(await desk.taken()).toHaveLength(1);
  });

  it('takes 5,000 items and no more, whatever they are', async () => {
    desk = await openDesk();
    expect((await postJson(`${desk.url}/notifications`, items(5_001))).status).toBe(413);
    const most = items(5_000);
    expect(
      (await postJson(`${desk.url}/notifications`, { value: [notification(), ...most.value.slice(1)] }))
        .status,
    ).toBe(202);
  });
});

describe('clients that do not play along', () => {
  it('are cut when they are silent, or drip headers or a body', async () => {
    desk = await openDesk({ slowClientMs: 300 });
    const silent = await dial();
    const headers = await dial();
    const body = await dial();
    headers.socket.write('POST /notifications HTTP/1.1\r\nHost: he');
    body.socket.write(`${head(1_000)}{"value":`);
    const drip = setInterval(() => {
      headers.socket.write('r');
      body.socket.write(' ');
    }, 20);
    await Promise.all([silent.closed, headers.closed, body.closed]);
    clearInterval(drip);
    // Who goes on writing while the answer arrives may have it taken away by the reset.
    expect(headers.heard()).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
    expect(desk.receiver.counters).toMatchObject({ aborted: 1, accepted: 0 });
    expect((await postJson(`${desk.url}/notifications`, { value: [notification()] })).status).toBe(202);
  });

  it('may go away in the middle of a body', async () => {
    desk = await openDesk();
    const { socket, closed } = await dial();
    socket.write(`${head(1_000)}{"value":`);
    socket.destroy();
    await closed;
    await expect.poll(() => desk.receiver.counters.aborted).toBe(1);
    expect(await desk.taken()).toEqual([]);
  });

  it('do not get a second request past us inside a first one', async () => {
    desk = await openDesk();
    const { socket, heard, closed } = await dial();
    socket.write(
      head(5, 'Transfer-Encoding: chunked\r\n') + '0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: here\r\n\r\n',
    );
    await closed;
    expect(heard()).toMatch(/^HTTP\/1\.1 400 /);
    expect(heard()).not.toContain('ok');
  });

  it('learn nothing from other paths and methods', async () => {
    desk = await openDesk();
    for (const [method, path, status] of [
      ['GET', '/', 404],
      ['POST', '/notifications/more', 404],
      ['GET', '/%E0%A4%A', 404],
      ['POST', '/../etc/passwd', 404],
      ['TRACE', '/notifications', 405],
      ['OPTIONS', '/elsewhere', 404],
      ['GET', '/healthz', 200],
      ['POST', '/healthz', 404],
    ] as const) {
      const { socket, heard, closed } = await dial();
      socket.end(`${method} ${path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`);
      await closed;
      expect([method, path, heard().slice(9, 12)]).toEqual([method, path, String(status)]);
      expect(heard().toLowerCase()).toContain('content-type: text/plain');
      expect(heard()).not.toMatch(/express|<|at .*\.ts/i);
    }
  });
});

describe('health', () => {
  it('is alive, and ready while the queue takes what comes', async () => {
    desk = await openDesk();
    const status = async (path: string): Promise<number> => (await fetch(`${desk.url}${path}`)).status;
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    desk.refuseSends(true);
    await postJson(`${desk.url}/notifications`, { value: [notification()] });
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
    await desk.clock.run(desk.clock.now() + 10_000);
    expect(await status('/readyz')).toBe(200);
    await desk.committer.close();
    await desk.clock.run(desk.clock.now() + 1_000);
    expect(await status('/readyz')).toBe(503);
  });
});

describe('the log', () => {
  it('says that something was forged or could not be stored, once a minute, and nothing about what', async () => {
    const lines: string[] = [];
    desk = await openDesk({ log: createLog('debug', { write: (line) => void lines.push(line) }) });
    for (let post = 0; post < 5; post += 1) {
      await postJson(`${desk.url}/notifications`, {
        value: [notification({ clientState: 'guess\u001b[31m' }), notification({ clientState: 7 })],
      });
    }
    expect(lines).toHaveLength(1);
    await desk.clock.run(desk.clock.now() + 60_000);
    desk.refuseSends(true);
    await postJson(`${desk.url}/notifications`, {
      value: [notification(), notification({ clientState: 'guess' })],
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'warn', msg: 'forged notifications', count: 2 },
      { level: 'warn', msg: 'forged notifications', count: 9 },
      { level: 'error', msg: 'the queue takes no notifications', count: 1, fault: 'unavailable SQLITE_FULL' },
    ]);
    const text = lines.join('');
    for (const secret of ['guess', clientState(), USER_ID]) expect(text).not.toContain(secret);
  });
});

describe('stopping', () => {
  it('answers what is under way and takes nothing new', async () => {
    desk = await openDesk();
    const { socket, heard, closed } = await dial();
    const body = JSON.stringify({ value: [notification()] });
    socket.write(head(body.length, 'Expect: 100-continue\r\n'));
    await expect.poll(heard).toContain('100 Continue');
    socket.write(body.slice(0, 50));
    const stopped = desk.close();
    socket.write(body.slice(50));
    await closed;
    await stopped;
    expect(heard()).toContain('HTTP/1.1 202 ');
    await expect(fetch(`${desk.url}/healthz`)).rejects.toThrow();
  });
});
