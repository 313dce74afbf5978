import { createServer } from 'node:http';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Outlet } from '../../src/engine/queue-port.ts';
import type { Change } from '../../src/model/change.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openServiceBusOutlet } from '../../src/queue/service-bus-queue.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { createReceiver } from '../../webhooks/receiver.ts';
import { startReceiver } from '../../webhooks/server.ts';
import { CLIENT_STATE_KEY, TENANT_ID } from './receiver-post.ts';

/** What a server under test reports when asked. */
export interface ServerFigures {
  readonly commits: number;
  /** Messages in the queue. */
  readonly stored: number;
  readonly rssMiB: number;
}

/** Reads the body, parses it, answers 202: the least that any receiver of JSON does. */
function bare(): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      response.statusCode = 202;
      response.end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** In front of a queue, whichever it is. Resolves with its port. */
async function receive(changes: Outlet<Change>): Promise<number> {
  const clock = systemClock;
  const receiver = createReceiver({
    tenants: new Map([[TENANT_ID, { key: 'contoso' }]]),
    keys: { current: CLIENT_STATE_KEY },
    changes,
    clock,
    log: silentLog,
  });
  return (await startReceiver({ receiver, host: '127.0.0.1', port: 0, clock })).port;
}

async function receiver(file: string): Promise<{ port: number; figures: () => Promise<ServerFigures> }> {
  const clock = systemClock;
  const committer = createWorkerCommitter({ file, clock });
  const changes = await openSqliteQueue({ committer, messages: changeMessages, clock, leaseMs: 60_000 });
  return {
    port: await receive(changes),
    figures: async () => ({
      commits: committer.commits(),
      stored: (await changes.depth()).due,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
    }),
  };
}

const [mode, file = ''] = process.argv.slice(2);
if (mode === 'bare') process.send?.({ port: await bare() });
else if (mode === 'bus') {
  const outlet = openServiceBusOutlet<Change>({
    access: { connectionString: file },
    queue: 'changes',
    messages: changeMessages,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  process.send?.({ port: await receive(outlet) });
} else {
  const { port, figures } = await receiver(file);
  process.on('message', () => void figures().then((answer) => process.send?.(answer)));
  process.send?.({ port });
}
process.on('disconnect', () => process.exit(0));
