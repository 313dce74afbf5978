import { describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { HeldByAnother } from '../../src/kit/held-by-another.ts';
import { fakeWorld, REVERT, writeConfig, type Parts } from './fake-world.ts';
import { PLAN } from './plan-report.ts';
import { commandLine } from './command.ts';

const command = commandLine();

const unexpected = (): Promise<never> => Promise.reject(new Error('not expected'));

describe('pause and resume', () => {
  test.each([
    ['', { kind: 'all' }, 'everything', ''],
    [' --job staff', { kind: 'job', name: 'staff' }, 'job staff', ' --job staff'],
    [' --tenant contoso', { kind: 'tenant', name: 'contoso' }, 'tenant contoso', ' --tenant contoso'],
  ] as const)('name their scope: pause%s', async (...[option, scope, spelled, argument]) => {
    const asked: unknown[] = [];
    const parts: Parts = {
      pause: (_config, given) => Promise.resolve(void asked.push(given)),
      resume: (_config, given) => Promise.resolve(asked.push(given) > 0),
    };
    expect((await command(`pause${option}`, parts)).stdout).toBe(
      `Paused: ${spelled}. Go on with: contact-sync resume${argument}\n`,
    );
    expect((await command(`resume${option}`, parts)).stdout).toBe(`Resumed: ${spelled}.\n`);
    expect(asked).toEqual([scope, scope]);
    expect(JSON.parse((await command(`pause${option} --json`, parts)).stdout)).toEqual({ paused: scope });
  });

  test('refuse a tenant that is not there, and two scopes at once', async () => {
    expect(await command('pause --tenant contosso')).toMatchObject({ code: 2 });
    expect((await command('pause --tenant contosso')).stderr).toContain('did you mean contoso?');
    expect(await command('resume --tenant contoso --job staff')).toMatchObject({ code: 2 });
  });
});

describe('retry', () => {
  test('names the mailbox, or none, and says how many are tried again', async () => {
    const asked: unknown[] = [];
    const retry: Parts['retry'] = (_config, mailbox) =>
      Promise.resolve({ mailboxes: asked.push(mailbox), other: mailbox === undefined ? 3 : 0 });
    expect((await command('retry', { retry })).stdout).toBe(
      '1 mailbox and 3 failed pieces of work to be tried again.\n',
    );
    expect((await command('retry --mailbox id-7 --json', { retry })).stdout).toBe(
      '{"retried":2,"other":0}\n',
    );
    expect(asked).toEqual([undefined, 'id-7']);
    expect((await command('retry')).stdout).toBe('Nothing is parked, and nothing failed.\n');
    expect((await command('retry --mailbox id-7')).stdout).toBe('Not parked: id-7.\n');
    expect(await command('retry --job staff', { retry: unexpected })).toMatchObject({ code: 2 });
  });
});

describe('revert', () => {
  test('asks first, and does nothing without a yes', async () => {
    const questions: string[] = [];
    const no: Parts['confirm'] = (question) => Promise.resolve(questions.push(question) < 0);
    const { code, stderr } = await command('revert --job staff', { confirm: no, revert: unexpected });
    expect([code, stderr]).toEqual([0, 'Nothing was done.\n']);
    expect(questions).toEqual([expect.stringContaining('"Company Directory"')]);
    expect(await command('revert --job staff', { revert: unexpected })).toMatchObject({ code: 2 });
    expect(await command('revert --yes', { revert: unexpected })).toMatchObject({ code: 2 });
  });

  test('works on the whole configuration, so that no other job is passed over', async () => {
    const { code, config: opened, stdout } = await command('revert --job staff --yes');
    expect(code).toBe(0);
    expect(opened?.onlyJob).toBeNull();
    expect(stdout).toContain('10,000 mailboxes looked at afterwards, 0 contacts of it left in them');
    expect(stdout).toContain('12 of the folders stay');
  });

  test('hands over to a service that has the data folder, and says what is left', async () => {
    const { code, stdout } = await command('revert --job staff --yes', {
      openService: () => Promise.reject(new HeldByAnother('held')),
      revertBeside: (_config, job) =>
        Promise.resolve({ ...REVERT, job, left: 3, stopped: true, httpRequests: null }),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('Stopped; 3 mailboxes not done. Start it again to go on.');
  });

  test('is not over while the mailboxes are still to be searched for what a lost ledger forgot', async () => {
    const { code, stdout } = await command('revert --job staff --yes', {
      openService: () => Promise.reject(new HeldByAnother('held')),
      revertBeside: (_config, job) => Promise.resolve({ ...REVERT, job, searching: true }),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('there may be more');
  });
});

describe('plan', () => {
  test('prints a table for people, lines for a spreadsheet, or one document', async () => {
    const plain = await command('plan');
    expect(plain.stdout).toContain('change  person  id-2  50 contacts; jobTitle, mobilePhone');
    expect((await command('plan --csv')).stdout).toBe(
      'job,kind,id,action,contacts,fields,reason,folder,name\r\n' +
        'staff,person,id-1,create,50,,,,\r\n' +
        'staff,person,id-2,change,50,jobTitle mobilePhone,,,\r\n' +
        'staff,person,id-3,hold,0,,"too many, really",,\r\n' +
        `,folder,owner-1,none,700,,,AAMk1=,"'=Old?[2J ""GAL"""\r\n` +
        `,folder,owner-2,none,,,,AAMk2=,"'=Old?[2J ""GAL"""\r\n`,
    );
    expect(JSON.parse((await command('plan --json')).stdout)).toEqual(PLAN);
    expect(await command('plan --json --csv')).toMatchObject({ code: 2 });
  });

  test("tells other tools' folders, whose names neither steer the terminal nor become a formula", async () => {
    const { stdout } = await command('plan');
    expect(stdout).toContain('Contact folders of others in 50 mailboxes of contoso\n');
    expect(stdout).toContain('    =Old?[2J "GAL"  in 2 mailboxes  700 contacts\n');
    expect(stdout).toContain('3 folders under names that fewer than 2 mailboxes have: not listed');
    expect(stdout).toContain('1 mailbox of contoso could not be looked at: ErrorAccessDenied');
    const none = { tenant: 'contoso', mailboxes: 50, unread: [], toldFrom: 2, names: [], others: 0 };
    const plan = () => Promise.resolve({ ...PLAN, leftovers: [none] });
    expect((await command('plan', { plan })).stdout).not.toContain('folders');
  });

  test('says when somebody could not be read', async () => {
    const { code, stdout } = await command('plan', { plan: () => Promise.resolve({ ...PLAN, unread: 2 }) });
    expect(code).toBe(1);
    expect(stdout).toContain('2 objects could not be read');
  });
});

const moved = async (line: string) => {
  const config = await writeConfig();
  const { world, seen } = fakeWorld();
  const code = await execute([...line.split(' '), '--config', config], world);
  return { code, ...seen };
};

describe('move', () => {
  test('tells what was copied, or prints one document', async () => {
    const { code, stdout } = await moved('move --from embedded --to distributed');
    expect(code).toBe(0);
    expect(stdout).toContain('Moved: 24,950 rows in 1 tables, read back and equal; 3 messages; 2.0 s.\n');
    expect(stdout).toContain('Start receivers, workers and keepers with this configuration.\n');
    const json = await moved('move --from embedded --to distributed --json');
    expect(JSON.parse(json.stdout)).toMatchObject({ messages: 3, left: 0 });
  });

  test.each([
    ['move --from embedded --to embedded', 'it is embedded already'],
    ['move --from embedded', "required option '--to <shape>'"],
    ['move --from here --to distributed', 'Allowed choices are embedded, distributed'],
    ['move --from embedded --to distributed --job staff', 'all jobs are moved together'],
  ])('%s is refused', async (line, words) => {
    const { code, stderr, stdout } = await moved(line);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });
});
