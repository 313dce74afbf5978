import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPwshExchange } from '../../src/exchange/pwsh.ts';
import type { Command, ExchangeTransport } from '../../src/exchange/transport.ts';
import { Answers } from '../../src/kit/answers.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { converse } from '../../src/kit/converse.ts';
import { serveTenant, type ServedTenant } from '../tenant/serve.ts';
import { openPair, type Pair } from './pair.ts';

/* There is no PowerShell where this was made: what is spoken with is a stand-in. The script itself was read, not run. */

let pair: Pair;
let served: ServedTenant;
let folder: string;
let before: NodeJS.ProcessEnv;

beforeEach(async () => {
  pair = await openPair();
  served = await serveTenant(pair.fabrikam);
  folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
  const program = path.join(folder, 'pwsh');
  const standIn = new URL('./stand-in-pwsh.ts', import.meta.url).pathname;
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`);
  await chmod(program, 0o755);
  before = { ...process.env };
  process.env['PATH'] = `${folder}:${process.env['PATH'] ?? ''}`;
  process.env['STAND_IN_URL'] = `${served.origin}/adminapi/beta/${pair.fabrikam.tenantId}/InvokeCommand`;
  process.env['STAND_IN_ARGUMENTS'] = path.join(folder, 'arguments.txt');
});

afterEach(async () => {
  process.env = before;
  await served.close();
  await pair.close();
  await rm(folder, { recursive: true, force: true });
});

const DRIVER = { target: { driver: 'pwsh', organization: 'fabrikam.onmicrosoft.com' } };
const command = (cmdlet: Command['cmdlet'], parameters: Command['parameters']): Command => ({
  cmdlet,
  parameters,
  urgency: 'live',
});

function open(program = 'pwsh', answers = new Answers()): ExchangeTransport {
  return createPwshExchange({
    program,
    converse,
    tokens: { token: async () => pair.fabrikam.issueToken() },
    appId: pair.fabrikam.clientId,
    organization: 'fabrikam.onmicrosoft.com',
    clock: systemClock,
    answers,
  });
}

describe('Exchange through PowerShell', () => {
  test('the whole job works with it, and what it works on never stands among its arguments', async () => {
    await pair.sync(DRIVER);
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
    pair.contoso.directory.updateUser(pair.somebody().id, { displayName: 'O’Brien; Remove-Mailbox *' });
    await pair.sync(DRIVER);
    expect(pair.compare().divergences).toEqual([]);
    const started = await readFile(path.join(folder, 'arguments.txt'), 'utf8');
    expect(new Set(started.trim().split('\n')).size).toBe(1);
    expect(started).toMatch(/^-NoLogo -NoProfile -NonInteractive -EncodedCommand [A-Za-z0-9+/=]+\n/);
    const script = Buffer.from(started.split(' ')[4] ?? '', 'base64').toString('utf16le');
    expect(script).not.toMatch(/Invoke-Expression|iex |\[scriptblock\]::Create/i);
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test('what it says of a missing object, a taken name and a bad address is told apart', async () => {
    const shell = open();
    const made = { Name: 'a', Alias: 'a', ExternalEmailAddress: 'a@adatum.example' };
    await shell.run(command('New-MailContact', made));
    await expect(
      shell.run(command('New-MailContact', { ...made, ExternalEmailAddress: 'b@adatum.example' })),
    ).rejects.toMatchObject({ kind: 'conflict', code: 'NameExists' });
    await expect(shell.run(command('New-MailContact', { ...made, Name: 'b' }))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'ProxyAddressExists',
    });
    await expect(shell.run(command('Get-MailContact', { Identity: 'nobody' }))).rejects.toMatchObject({
      kind: 'not-found',
    });
    await shell.close();
  });

  test('when it dies in the middle, a write is unknown, a read is not there, and the next one starts it anew', async () => {
    const answers = new Answers();
    const shell = open('pwsh', answers);
    const dying = { Identity: 'a', DisplayName: 'dies before' };
    await expect(shell.run(command('Set-Contact', dying))).rejects.toMatchObject({ kind: 'unknown-outcome' });
    await expect(shell.run(command('Get-Contact', dying))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(shell.run(command('Get-MailContact', { ResultSize: 'Unlimited' }))).resolves.toEqual([]);
    await expect(shell.run(command('Get-Contact', { Identity: 'nobody' }))).rejects.toBeDefined();
    await shell.close();
    const counted = answers.all().map(({ operation, status, count }) => `${operation} ${status} ${count}`);
    // Each token here is another one, and takes a connection of its own.
    expect(counted.toSorted()).toEqual([
      'Get-Contact none 1',
      'Get-Contact refused 1',
      'Get-MailContact ok 1',
      'Set-Contact none 1',
      'connect ok 4',
    ]);
  });

  test('one that is not there is a reason of its own', async () => {
    const shell = open('no-such-powershell');
    await expect(shell.run(command('Get-Contact', {}))).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'NoPowerShell',
    });
  });
});
