import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ServiceBusClient } from '@azure/service-bus';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../process/free-port.ts';
import { IMPATIENT, one, several, taken } from './broker.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Program {
  readonly connectionString: string;
  readonly child: ChildProcess;
  /** What it answers to a command. */
  ask(command: string): Promise<unknown>;
}

async function run(...options: string[]): Promise<Program> {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return {
    connectionString: await line(),
    child,
    ask: async (command) => {
      child.stdin.write(`${command}\n`);
      return JSON.parse(await line()) as unknown;
    },
  };
}

function connect(connectionString: string): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, IMPATIENT);
  onTestFinished(() => client.close());
  return client;
}

test('the program has the queues of its configuration and obeys commands', async () => {
  const program = await run('--config', fileURLToPath(new URL('./queues.json', import.meta.url)));
  const client = connect(program.connectionString);
  await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' });
  await client.acceptSession('sessions', 'a');
  expect(await program.ask('depth sessions')).toMatchObject({ active: 1, dead: 0 });
  expect(await program.ask('steal sessions')).toEqual({ stolen: 1 });
  expect(await program.ask('busy 1')).toEqual({ done: true });
  await expect(client.createSender('plain').sendMessages({ body: 1 })).rejects.toMatchObject({
    code: 'ServiceBusy',
  });
  expect(await program.ask('drop')).toEqual({ dropped: 1 });
  expect(await program.ask('depth nowhere')).toMatchObject({
    error: expect.stringContaining('nowhere') as unknown,
  });
  expect(await program.ask('dance')).toMatchObject({ error: expect.any(String) as unknown });
  program.child.kill('SIGTERM');
  expect(await once(program.child, 'exit')).toEqual([0, null]);
});

test('a killed program goes on with what it had answered for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-bus-'));
  const options = ['--data', folder, '--port', String(await freePort()), '--lock-ms', '2000'];
  const first = await run(...options);
  const before = connect(first.connectionString);
  const sender = before.createSender('changes');
  await sender.sendMessages(['done', 'tried', 'dead', 'kept'].map((body) => ({ body, sessionId: 'a' })));
  const inAnHour = new Date(Date.now() + 3_600_000);
  const numbers = await sender.scheduleMessages({ body: 'due', sessionId: 'b' }, inAnHour);
  const session = await before.acceptSession('changes', 'a');
  await session.setSessionState({ cursor: 3 });
  await taken(session);
  await session.abandonMessage(await one(session), { why: 'busy' });
  const [tried, dead] = await several(session, 2);
  if (dead)
    await session.deadLetterMessage(dead, { deadLetterReason: 'bad', deadLetterErrorDescription: 'very' });
  expect(tried?.body).toBe('tried');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  // As when it dies in the middle of writing something that it has not answered for.
  appendFileSync(join(folder, 'journal'), '{"queue":"changes","change":{"kind":"kept","mess');

  const second = await run(...options);
  expect(second.connectionString).toBe(first.connectionString);
  expect(await second.ask('depth changes')).toMatchObject({ active: 2, scheduled: 1, dead: 1 });
  const after = connect(second.connectionString);
  const again = await after.acceptSession('changes', 'a');
  expect(await again.getSessionState()).toEqual({ cursor: 3 });
  expect(await taken(again)).toMatchObject({
    body: 'tried',
    deliveryCount: 1,
    applicationProperties: { why: 'busy' },
  });
  expect((await taken(again)).body).toBe('kept');
  const letters = after.createReceiver('changes', { subQueueType: 'deadLetter' });
  expect(await taken(letters)).toMatchObject({ body: 'dead', deadLetterReason: 'bad', sessionId: 'a' });
  await after.createSender('changes').cancelScheduledMessages(numbers);
  expect(await second.ask('depth changes')).toMatchObject({ active: 0, scheduled: 0, dead: 0 });
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toContain('"dropped"');
});
