import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listenPatiently } from '../../src/dashboard/server.ts';
import { createLog } from '../../src/kit/log.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { until } from '../process/until.ts';
import { askerOf } from './desk.ts';

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function patiently(port: number) {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const app = express().get('/', (_request, response) => void response.send('here'));
  const over = new AbortController();
  const listen = { host: '127.0.0.1', port };
  return { clock, lines, over, server: listenPatiently(app, { listen, clock, log }, over.signal) };
}

test('an address that is taken is waited for, and said once with the remedy', async () => {
  const other = await listening();
  const { port } = other.address() as AddressInfo;
  const { clock, lines, server } = patiently(port);
  for (let times = 0; times < 3; times += 1) {
    await until(() => clock.pending === 1);
    await clock.run(clock.now() + 30_000);
  }
  await until(() => clock.pending === 1);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', code: 'EADDRINUSE', port });
  expect(lines[0]).toContain('the service works without it');
  await new Promise((resolve) => other.close(resolve));
  await clock.run(clock.now() + 30_000);
  const running = await server;
  expect(await askerOf(port)('/')).toMatchObject({ status: 200, text: 'here' });
  await running?.stop();
});

test('a stop ends the waiting', async () => {
  const other = await listening();
  const { clock, over, server } = patiently((other.address() as AddressInfo).port);
  await until(() => clock.pending === 1);
  over.abort();
  expect(await server).toBeNull();
  await new Promise((resolve) => other.close(resolve));
});
