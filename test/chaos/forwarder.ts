import { Agent, createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One public address for several receivers. */
export interface Forwarder {
  readonly port: number;
  /** Requests that no receiver answered: 502 was the answer. */
  readonly refused: () => number;
  close(): Promise<void>;
}

interface Whole {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
}

/**
 * Gives every request to the next receiver in turn, as a load balancer does: one that refuses the connection is passed
 * over, one that dies with the request in hand is answered for with 502, and the sender must try again.
 */
export async function startForwarder(ports: readonly number[]): Promise<Forwarder> {
  const agent = new Agent({ keepAlive: false });
  let turn = 0;
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    turn += 1;
    const order = ports.map((_, index) => ports[(turn + index) % ports.length] as number);
    void forward(incoming, { outgoing, order, agent }).then((answered) => {
      if (answered) return;
      refused += 1;
      outgoing.writeHead(502).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** False when nobody answered. */
async function forward(
  incoming: IncomingMessage,
  to: { outgoing: ServerResponse; order: readonly number[]; agent: Agent },
): Promise<boolean> {
  const parts: Buffer[] = [];
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
  } catch {
    // The sender has gone: there is nobody to answer.
    return true;
  }
  const whole = { incoming, body: Buffer.concat(parts) };
  for (const port of to.order) {
    const came = await attempt(whole, { ...to, port });
    if (came !== 'refused') return came === 'answered';
  }
  return false;
}

function attempt(
  { incoming, body }: Whole,
  { outgoing, port, agent }: { outgoing: ServerResponse; port: number; agent: Agent },
): Promise<'answered' | 'broken' | 'refused'> {
  return new Promise((resolve) => {
    const { method, url: path, headers } = incoming;
    const outward = ask({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', () => resolve('broken'));
      answer.on('end', () => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(parts));
        resolve('answered');
      });
    });
    outward.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    );
    outward.end(body);
  });
}
