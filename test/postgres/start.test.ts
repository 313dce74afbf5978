import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { startPostgres } from './start.ts';

async function ask(address: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

test('a server keeps what was committed, whether it is stopped or crashes, and leaves nothing behind', async () => {
  const server = await startPostgres();
  const address = await server.database();
  await ask(address, 'create table t (n integer)');
  for (const mode of ['fast', 'immediate'] as const) {
    await ask(address, 'insert into t values (1)');
    await server.stop(mode);
    await expect(ask(address, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.start();
  }
  expect(await ask(address, 'select sum(n)::int as n from t')).toEqual([{ n: 2 }]);
  const copy = await server.copyOf(address);
  await ask(copy, 'delete from t');
  expect(await ask(address, 'select count(*)::int as n from t')).toEqual([{ n: 2 }]);
  expect(existsSync(server.data)).toBe(true);
  await server.close();
  expect(existsSync(path.dirname(server.data))).toBe(false);
  await expect(ask(address, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
});

test('a process that is killed takes its server and its files with it', async () => {
  const owner = spawn(process.execPath, [path.join(import.meta.dirname, 'owner-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(owner.stdout);
  const [line] = (await once(lines, 'line')) as [string];
  const { data, address } = JSON.parse(line) as { data: string; address: string };
  expect(await ask(address, 'select 1 as one')).toEqual([{ one: 1 }]);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await expect.poll(() => existsSync(path.dirname(data)), { timeout: 30_000 }).toBe(false);
  await expect(ask(address, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
});
