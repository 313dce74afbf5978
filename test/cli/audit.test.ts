import { describe, expect, test } from 'vitest';
import { HeldByAnother } from '../../src/kit/held-by-another.ts';
import { AUDIT, type Parts } from './fake-world.ts';
import { commandLine } from './command.ts';

const command = commandLine();

describe('audit', () => {
  const [one] = AUDIT.mailboxes;

  test('tells what was found, and exits with 0 when every mailbox is equal', async () => {
    const { code, stdout } = await command('audit');
    expect([code, stdout]).toEqual([
      0,
      '1 mailbox verified with 3 requests, 2.0 s: 1 equal, 0 not.\n' +
        'Found: 1 missing, 2 changed, 0 extra, 0 folders gone.\n',
    ]);
    expect(JSON.parse((await command('audit --json')).stdout)).toEqual(AUDIT);
  });

  test('names what is not equal, and exits with 1', async () => {
    const unequal = { ...one!, equal: false, verifiedAt: null, accepted: 3, behind: 4 };
    const audit = () => Promise.resolve({ ...AUDIT, equal: false, failing: 2, mailboxes: [unequal] });
    const { code, stdout } = await command('audit', { audit });
    expect(code).toBe(1);
    expect(stdout).toContain(
      'Not equal: staff contoso owner-1: 1 missing, 2 changed, 0 extra, 3 accepted, 4 behind; last verified never\n',
    );
    expect(stdout).toContain('Not proven: 2 pieces of work failed and will be tried again');
  });

  test('is left to a service that has the data folder, for the job that was named', async () => {
    const asked: unknown[] = [];
    const { code, stdout } = await command('audit --full --job staff', {
      openService: () => Promise.reject(new HeldByAnother('held')),
      auditBeside: ({ onlyJob }, options) => {
        asked.push([onlyJob, options]);
        return Promise.resolve({ ...AUDIT, httpRequests: null });
      },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('1 mailbox verified, 2.0 s: 1 equal, 0 not.');
    expect(asked).toEqual([['staff', { full: true }]]);
  });

  test.each([
    ['audit', false],
    ['audit --full', true],
  ])('%s asks for full: %s', async (line, full) => {
    const asked: boolean[] = [];
    const audit: Parts['audit'] = (_, options) => {
      asked.push(options.full);
      return Promise.resolve(AUDIT);
    };
    await command(line, { audit });
    expect(asked).toEqual([full]);
  });
});
