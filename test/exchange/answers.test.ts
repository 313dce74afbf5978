import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRestExchange } from '../../src/exchange/rest.ts';
import type { Command } from '../../src/exchange/transport.ts';
import { Answers } from '../../src/kit/answers.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await openPair();
});
afterEach(() => pair.close());

const command = (cmdlet: Command['cmdlet'], parameters: Command['parameters']): Command => ({
  cmdlet,
  parameters,
  urgency: 'live',
});
const made = { Name: 'a', Alias: 'a', ExternalEmailAddress: 'a@adatum.example' };

test('requests and parts of batches are counted by cmdlet and status, and name nobody', async () => {
  const answers = new Answers();
  const exchange = createRestExchange({
    origin: 'https://outlook.office365.com',
    tenantId: pair.fabrikam.tenantId,
    tokens: { token: async () => pair.fabrikam.issueToken() },
    transport: pair.transport,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    answers,
  });
  await exchange.run(command('New-MailContact', made));
  const [found, missing] = await Promise.allSettled([
    exchange.run(command('Get-MailContact', { ResultSize: 'Unlimited' })),
    exchange.run(command('Get-MailContact', { Identity: 'nobody' })),
  ]);
  expect([found.status, missing.status]).toEqual(['fulfilled', 'rejected']);
  pair.exchangeIs('away');
  await expect(exchange.run(command('Get-Contact', {}))).rejects.toMatchObject({ kind: 'unavailable' });
  const counted = answers
    .all()
    .map(({ via, operation, status, count }) => `${via} ${operation} ${status} ${count}`);
  expect(counted).toEqual(
    expect.arrayContaining([
      'request New-MailContact 200 1',
      'request $batch 200 1',
      'batch Get-MailContact 200 1',
      'batch Get-MailContact 404 1',
      'request Get-Contact none 1',
    ]),
  );
  // A redirect to the tenant's own host is a request as well.
  expect(answers.all().reduce((sum, { via, count }) => sum + (via === 'request' ? count : 0), 0)).toBe(
    exchange.requests(),
  );
  expect(JSON.stringify(answers.all())).not.toContain('adatum');
});
