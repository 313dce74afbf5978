import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, postJson, type Desk } from './desk.ts';

/** Sends a target exactly as written: fetch would spell some of these differently. */
async function raw(port: number, request: string): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.end(request.replaceAll('\n', '\r\n'));
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'close');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.slice(9, 12)), head: head.toLowerCase(), body };
}

describe.each(['/notifications', '/lifecycle'])('validation handshake on %s', (path) => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  const shake = (target: string, method = 'POST') =>
    raw(
      desk.port,
      `${method} ${target} HTTP/1.1\nHost: here\nContent-Type: text/plain; charset=utf-8\nContent-Length: 0\nConnection: close\n\n`,
    );

  it.each([
    ['a+b', 'a+b'],
    ['a%2Bb', 'a+b'],
    ['a%20b', 'a b'],
    ['%3Cscript%3Ealert(1)%3C%2Fscript%3E', '<script>alert(1)</script>'],
    ['a%26b%3Dc', 'a&b=c'],
    ['a=b==', 'a=b=='],
    ['%2541', '%41'],
    [
      'Validation%3A+Testing+client+application+reachability+for+subscription+Request-Id%3A+1',
      'Validation:+Testing+client+application+reachability+for+subscription+Request-Id:+1',
    ],
    ['%C3%A4%F0%9F%98%80', 'ä😀'],
    ['a%0D%0Ab', 'a\r\nb'],
    ['x'.repeat(2_048), 'x'.repeat(2_048)],
  ])('gives back %s, decoded once and otherwise as it is', async (encoded, token) => {
    const { status, head, body } = await shake(`${path}?validationToken=${encoded}`);
    expect(status).toBe(200);
    expect(body).toBe(token);
    expect(head).toContain('content-type: text/plain; charset=utf-8\r\n');
    expect(head).toContain('x-content-type-options: nosniff');
    expect(head).toContain('cache-control: no-store');
    expect(head).not.toContain('set-cookie');
    expect(head).not.toContain('x-powered-by');
    expect(head).not.toContain('etag');
  });

  it('finds the token behind a query of our own', async () => {
    expect(await shake(`${path}?tenant=1&validationToken=abc`)).toMatchObject({ status: 200, body: 'abc' });
    expect(desk.receiver.counters.handshakes).toBe(1);
  });

  it.each([
    ['empty', 'validationToken='],
    ['without a value', 'validationToken'],
    ['repeated', 'validationToken=a&validationToken=a'],
    ['repeated with another between', 'validationToken=a&b=c&validationToken=d'],
    ['not decodable', 'validationToken=%zz'],
    ['half a character', 'validationToken=%C3'],
    ['too long', `validationToken=${'x'.repeat(2_049)}`],
    ['too long in bytes', `validationToken=${'%C3%A4'.repeat(1_025)}`],
  ])('refuses a token that is %s in one line of plain text', async (_, query) => {
    const { status, head, body } = await shake(`${path}?${query}`);
    expect(status).toBe(400);
    expect(head).toContain('content-type: text/plain; charset=utf-8\r\n');
    expect(body).toMatch(/^[^\n<]+\n$/);
    expect(desk.receiver.counters).toMatchObject({ handshakes: 0, refused: 1 });
  });

  it('comes before everything else that a post must be', async () => {
    const response = await postJson(`${desk.url}${path}?validationToken=abc`, 'not json', {
      'content-type': 'image/png',
      'content-encoding': 'gzip',
    });
    expect([response.status, await response.text()]).toEqual([200, 'abc']);
    expect(await desk.taken()).toEqual([]);
  });

  it('answers nothing but POST', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, head, body } = await shake(`${path}?validationToken=abc`, method);
      expect([method, status]).toEqual([method, 405]);
      expect(head).toContain('allow: post');
      expect(body).not.toContain('abc');
    }
  });
});
