import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Change } from '../../src/model/change.ts';

/** Every run tries others, and says which: FUZZ_SEED=… runs the same again. */
export function seedFuzz(): void {
  const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
  console.info(`FUZZ_SEED=${seed}`);
  fc.configureGlobal({ seed });
}

export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Writes the bytes as they are, ends, and reads to the end: what was answered, in order. */
export async function speak(port: number, bytes: Uint8Array | string): Promise<Answer[]> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  const over = closed(socket);
  socket.end(bytes);
  await over;
  return answersIn(Buffer.concat(chunks));
}

/** Until it is closed: who is cut off while they still write sees a reset, and that is no news. */
export function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

export function requestOf(
  line: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string = '',
): Buffer {
  const bytes = Buffer.from(body);
  const all = { host: 'here', connection: 'close', 'content-length': String(bytes.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
}

export const jsonTo = (path: string, body: Uint8Array | string): Buffer =>
  requestOf(`POST ${path}`, { 'content-type': 'application/json' }, body);

/** The end of a body in chunks. */
const EMPTY = '0\r\n\r\n';

function answersIn(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) throw new Error(`no end of a head: ${bytes.toString('latin1', at)}`);
    const [first = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (!Number.isInteger(status)) throw new Error(`no answer: ${first}`);
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    // Node says so of an answer that it ends itself, without anything in it.
    const length = headers.has('transfer-encoding')
      ? EMPTY.length
      : Number(headers.get('content-length') ?? 0);
    const sent = bytes.toString('utf8', end + 4, end + 4 + length);
    if (status >= 200) answers.push({ status, headers, body: sent === EMPTY ? '' : sent });
    at = end + 4 + length;
  }
  return answers;
}

/** All that the receiver says with a status of its own: constants, so that nothing of a request can be among them. */
const LINES: ReadonlyMap<number, readonly RegExp[]> = new Map([
  [200, [/^ok\n$/, /^\{"sinceStart":\{.*\}\}\n$/]],
  [202, [/^$/]],
  [
    400,
    [
      /^$/,
      /^The body is not a JSON object with a list named value\.\n$/,
      /^No item of the list is a notification\.\n$/,
      /^The parameter validationToken (?:comes more than once|is not a URL-encoded text)\.\n$/,
      /^The validation token is too long\.\n$/,
    ],
  ],
  [404, [/^Nothing here\.\n$/]],
  [405, [/^Only POST\.\n$/]],
  [408, [/^$/]],
  [413, [/^$/, /^More than \d+ (?:bytes|notifications)\.\n$/]],
  [415, [/^Compressed bodies are not taken\.\n$/, /^The body must be (?:application\/json|in UTF-8)\.\n$/]],
  // By Node itself, without a body.
  [417, [/^$/]],
  [431, [/^$/]],
]);

const HEADERS: ReadonlyMap<string, RegExp> = new Map([
  ['date', /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/],
  ['connection', /^(?:close|keep-alive)$/],
  ['keep-alive', /^timeout=\d+$/],
  ['content-length', /^\d+$/],
  ['transfer-encoding', /^chunked$/],
  ['content-type', /^text\/plain; charset=utf-8$/],
  ['x-content-type-options', /^nosniff$/],
  ['content-security-policy', /^default-src 'none'; sandbox$/],
  ['cache-control', /^no-store$/],
  ['allow', /^POST$/],
]);

/** Nothing but constants: no page, no stack, no echo. `token`: what a handshake that was asked for may give back. */
export function expectConstant(answers: readonly Answer[], token?: string): void {
  for (const { status, headers, body } of answers) {
    for (const [name, value] of headers)
      expect([name, value]).toEqual([name, expect.stringMatching(HEADERS.get(name) ?? /^\b$/)]);
    if (body !== '') expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    if (status === 200 && body === token) continue;
    expect({ status, body, known: LINES.get(status)?.some((line) => line.test(body)) }).toMatchObject({
      known: true,
    });
  }
}

const LOGGED = new Set([
  'forged notifications',
  'malformed notifications',
  'the queue takes no notifications',
]);

/** Lines of JSON with messages of ours, counts, and nothing that a terminal obeys or that looks like another line. */
export function expectQuietLog(lines: readonly string[]): void {
  for (const line of lines) {
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+\n$/);
    const { level, time, msg, count, event, eventId, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(LOGGED).toContain(msg);
    expect([level, time, count]).toEqual(['warn', expect.stringMatching(/^[\d:.TZ-]+$/), expect.any(Number)]);
    expect([event, eventId]).toEqual([expect.stringMatching(/^[a-z-]+$/), expect.any(Number)]);
    expect(rest).toEqual({});
  }
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CAUSES = {
  user: ['notification'],
  group: ['notification'],
  contacts: ['notification'],
  subscription: ['reauthorizationRequired', 'subscriptionRemoved', 'missed'],
};

/** Whole, about a tenant of ours, and for no other reason than Graph can give. */
export function expectWellFormed(changes: readonly Change[], tenants: readonly string[]): void {
  for (const { traces = [], ...change } of changes) {
    expect(Object.keys(change).toSorted()).toEqual(['at', 'causes', 'id', 'kind', 'tenant', 'v']);
    // W3C trace contexts, made by us: where several became one.
    for (const trace of traces) expect(trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(change).toEqual({
      v: 1,
      kind: expect.toSatisfy((kind: string) => Object.hasOwn(CAUSES, kind)),
      tenant: expect.toSatisfy((tenant: string) => tenants.includes(tenant)),
      id: expect.stringMatching(GUID),
      causes: expect.any(Array),
      at: expect.any(Number),
    });
    const allowed: readonly string[] = CAUSES[change.kind as keyof typeof CAUSES];
    expect(change.causes.length).toBeGreaterThan(0);
    for (const cause of change.causes) expect(allowed).toContain(cause);
  }
}
