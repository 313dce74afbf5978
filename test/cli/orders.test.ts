import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { DataFolderHeld } from '../../src/kit/data-folder-fault.ts';
import { fakeWorld, PLAN, REVERT, writeConfig, type Parts } from './fake-world.ts';

let config: string;
beforeAll(async () => {
  config = await writeConfig();
});

async function command(line: string, parts: Parts = {}) {
  const { world, seen } = fakeWorld(parts);
  const code = await execute([...line.split(' '), '--config', config], world);
  return { code, ...seen, config: seen.config };
}

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
      openService: () => Promise.reject(new DataFolderHeld('held')),
      revertBeside: (_config, job) =>
        Promise.resolve({ ...REVERT, job, left: 3, stopped: true, httpRequests: null }),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('Stopped; 3 mailboxes not done. Start it again to go on.');
  });
});

describe('plan', () => {
  test('prints a table for people, lines for a spreadsheet, or one document', async () => {
    const plain = await command('plan');
    expect(plain.stdout).toContain('change  person  id-2  50 contacts; jobTitle, mobilePhone');
    expect((await command('plan --csv')).stdout).toBe(
      'job,kind,id,action,contacts,fields,reason\r\n' +
        'staff,person,id-1,create,50,,\r\n' +
        'staff,person,id-2,change,50,jobTitle mobilePhone,\r\n' +
        'staff,person,id-3,hold,0,,"too many, really"\r\n',
    );
    expect(JSON.parse((await command('plan --json')).stdout)).toEqual(PLAN);
    expect(await command('plan --json --csv')).toMatchObject({ code: 2 });
  });

  test('says when somebody could not be read', async () => {
    const { code, stdout } = await command('plan', { plan: () => Promise.resolve({ ...PLAN, unread: 2 }) });
    expect(code).toBe(1);
    expect(stdout).toContain('2 objects could not be read');
  });
});
