import { once } from 'node:events';
import { connect as connectH2 } from 'node:http2';
import { Agent, request as requestH1 } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';

/** Somebody outside, as Microsoft Graph is: https on loopback, against the test's own authority. */
export interface Outside {
  readonly port: number;
  readonly ca: string;
}

export interface Asked {
  readonly method?: string;
  /** Path and query exactly as written. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly tookMs: number;
}

export type Version = 'HTTP/1.1' | 'h2';

const JSON_TYPE = { 'content-type': 'application/json' };

export function ask(outside: Outside, version: Version, asked: Asked): Promise<Answered> {
  return version === 'h2' ? askH2(outside, asked) : askH1(outside, asked);
}

async function askH1({ port, ca }: Outside, asked: Asked): Promise<Answered> {
  const { method = 'POST', target, headers = JSON_TYPE, body = '' } = asked;
  const from = performance.now();
  const agent = new Agent({ ca, servername: 'localhost' });
  try {
    return await new Promise((resolve, reject) => {
      const request = requestH1(
        {
          host: '127.0.0.1',
          port,
          agent,
          method,
          path: target,
          headers: { host: 'localhost', ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text,
              tookMs: performance.now() - from,
            }),
          );
        },
      );
      request.on('error', reject).end(body);
    });
  } finally {
    agent.destroy();
  }
}

async function askH2({ port, ca }: Outside, asked: Asked): Promise<Answered> {
  const { method = 'POST', target, headers = JSON_TYPE, body = '' } = asked;
  const from = performance.now();
  const session = connectH2(`https://localhost:${port}`, { ca, host: '127.0.0.1', servername: 'localhost' });
  session.on('error', () => {});
  try {
    const stream = session.request({ ':method': method, ':path': target, ...headers });
    let text = '';
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    const head = once(stream, 'response');
    // A request without a body was ended with its headers.
    if (method === 'POST') stream.end(body);
    const [answer] = (await head) as [Record<string, string> & { ':status'?: number }];
    if (!stream.readableEnded) await once(stream, 'close');
    return {
      status: Number(answer[':status']),
      headers: answer,
      body: text,
      tookMs: performance.now() - from,
    };
  } finally {
    session.destroy();
  }
}

/** A connection on which the test writes what it likes. */
export interface Line {
  readonly socket: TLSSocket;
  readonly heard: () => string;
  readonly closed: Promise<unknown>;
}

export async function dial({ port, ca }: Outside): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  const closed = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return { socket, heard: () => text, closed };
}

/** The version that was agreed on when the client speaks no other; null when the server refuses it. */
export function spokenTls(
  { port, ca }: Outside,
  version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3',
): Promise<string | null> {
  // Without the last one OpenSSL itself refuses to speak 1.1, and nothing would be learnt about the server.
  const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...only });
    socket.once('error', () => resolve(null));
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
  });
}
