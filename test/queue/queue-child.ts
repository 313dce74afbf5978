import { systemClock } from '../../src/kit/clock.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { changeKey, type Change } from '../../src/model/change.ts';

/**
 * Sends, takes and settles without rest until it is killed. Says on standard output what was acknowledged:
 * `+id` stored, `?id` about to be settled, `-id` settled as done.
 */
const [file = '', name = ''] = process.argv.slice(2);
const committer = createWorkerCommitter({ file, clock: systemClock });
const queue = await openSqliteQueue({
  committer,
  messages: changeMessages,
  clock: systemClock,
  leaseMs: 60_000,
  dropLeases: true,
});

/** Resolves when it has left the process: what is still in its memory would die with it. */
function say(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

async function sender(lane: number): Promise<void> {
  for (let number = 0; ; number += 1) {
    const id = `${name}-${lane}-${number}`;
    const body: Change = { v: 1, kind: 'user', tenant: 't', id, causes: ['sweep'], at: 1 };
    await queue.send([{ key: changeKey(body), mergeKey: changeKey(body), body }]);
    process.stdout.write(`+${id}\n`);
  }
}

async function taker(): Promise<void> {
  for (;;) {
    await queue.ready(new AbortController().signal);
    for (const delivery of await queue.take({ keys: 5, messages: 10 })) {
      await say(delivery.messages.map(({ body }) => `?${body.id}`).join('\n'));
      await queue.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, { kind: 'done' }])));
      for (const { body } of delivery.messages) process.stdout.write(`-${body.id}\n`);
    }
  }
}

await Promise.all([sender(0), sender(1), sender(2), sender(3), taker(), taker()]);
