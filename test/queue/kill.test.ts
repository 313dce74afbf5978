import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openQueueFile } from '../../src/queue/schema.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { idsOf } from '../contracts/queue-contract.ts';

const KILLS = 6;
const script = fileURLToPath(new URL('./queue-child.ts', import.meta.url));

/** Lets a child work until it has acknowledged `lines` of its own choice, and kills it at that instant. */
async function runUntilKilled(file: string, name: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, file, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return said;
}

it('loses nothing that was acknowledged when the process is killed again and again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'));
  const file = join(folder, 'queue.sqlite');
  const stored = new Set<string>();
  const settling = new Set<string>();
  const settled = new Set<string>();
  const books = new Map([
    ['+', stored],
    ['?', settling],
    ['-', settled],
  ]);
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (const line of await runUntilKilled(file, `p${kill}`, 100 + 137 * kill)) {
      books.get(line.charAt(0))?.add(line.slice(1));
    }
  }

  const database = openQueueFile({ file });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const committer = createInThreadCommitter(database);
  const queue = await openSqliteQueue({
    committer,
    messages: changeMessages,
    clock: systemClock,
    leaseMs: 60_000,
    dropLeases: true,
  });
  const left = new Set<string>();
  for (let deliveries = await queue.take({ keys: 1_000, messages: 10 }); deliveries.length > 0;) {
    for (const id of deliveries.flatMap(idsOf)) left.add(id);
    deliveries = await queue.take({ keys: 1_000, messages: 10 });
  }
  database.close();
  rmSync(folder, { recursive: true });

  expect(stored.size).toBeGreaterThan(KILLS * 50);
  expect(settled.size).toBeGreaterThan(0);
  expect(
    [...settled].filter((id) => left.has(id)),
    'done and there again',
  ).toEqual([]);
  const missing = [...stored].filter((id) => !settled.has(id) && !left.has(id));
  // The kill may fall between a settle's commit and its acknowledgement.
  expect(
    missing.filter((id) => !settling.has(id)),
    'acknowledged and lost',
  ).toEqual([]);
});
