import { rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventLogStage } from '../../kit/event-log-stage.ts';
import { install, type Installation } from '../installation.ts';
import type { Program } from '../program.ts';
import { until } from '../until.ts';

/* The Windows Event Log by a stand-in of PowerShell on the path: there is no Windows where this runs. */

const UNAVAILABLE = 'the Windows Event Log takes no entries';

let on: Installation;
let stage: EventLogStage;
beforeAll(async () => {
  stage = new EventLogStage();
  const env = { PATH: `${stage.folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
  on = await install({ people: 14, mailboxes: 2, seed: 95, env });
  const staff = { groups: [on.population.source.id], guard: { count: 1, percent: 1 } };
  await on.configure({ port: undefined, jobs: { staff } });
  leavers.push(...on.population.people.slice(4, 8).map(({ id }) => id));
});
afterAll(async () => {
  await on.close();
  stage.close();
});

const ids = (): number[] => stage.entries().map(({ id }) => id);
const leavers: string[] = [];
/** One more than the guard lets through. */
const hold = async (service: Program): Promise<void> => {
  await until(() => service.said().includes('sweep done'));
  on.tenant.directory.updateUser(leavers.shift() ?? '', { accountEnabled: false });
  await until(() => service.said().includes('removals held'));
};
const stop = async (service: Program): Promise<string> => {
  service.kill('SIGTERM');
  const { code, stderr } = await service.ended;
  expect(code).toBe(0);
  return stderr;
};

test('a service that begins well and ends in order leaves no entry, and starts no PowerShell', async () => {
  const service = on.start('run', '--event-log');
  await on.untilRight();
  await stop(service);
  expect(stage.starts()).toEqual([]);
});

test('removals that are held are an error with its id, and nothing of anybody is in it', async () => {
  const service = on.start('run', '--event-log');
  await until(() => service.said().includes('sweep done'));
  const gone = on.population.people.slice(-4);
  for (const { id } of gone) on.tenant.directory.updateUser(id, { accountEnabled: false });
  await until(() => ids().includes(501));
  await stop(service);
  const entry = stage.entries().find(({ id }) => id === 501);
  expect(entry).toMatchObject({ type: 'Error' });
  expect(entry?.text).toContain('job: staff');
  const texts = stage
    .entries()
    .map(({ text }) => text)
    .join('\n');
  for (const { displayName, userPrincipalName } of gone) {
    expect(texts).not.toContain(displayName);
    expect(texts).not.toContain(userPrincipalName);
  }
});

test('a start that fails is an error as well, before anything could be read', async () => {
  const [file, away] = ['contact-sync.yaml', 'away.yaml'].map((name) => path.join(on.folder, name));
  await rename(file ?? '', away ?? '');
  expect(await on.run('run', '--event-log')).toMatchObject({ code: 2 });
  await rename(away ?? '', file ?? '');
  expect(ids().at(-1)).toBe(115);
});

test('without the option nothing goes there', async () => {
  const starts = stage.starts().length;
  const service = on.start('run');
  await hold(service);
  await stop(service);
  expect(stage.starts()).toHaveLength(starts);
});

test.each(['refuse', 'die', 'hang'] as const)(
  'an Event Log that has to %s: the work goes on, and ends in order',
  async (how) => {
    stage.behave(how);
    const before = ids().length;
    const service = on.start('run', '--event-log');
    await hold(service);
    on.tenant.directory.updateUser(on.population.people[3]?.id ?? '', { jobTitle: `Beside ${how}` });
    await until(() => on.compare().divergences.every(({ kind }) => kind === 'extra'));
    const said = await stop(service);
    stage.behave('well');
    expect(ids()).toHaveLength(before);
    // One that hangs is waited for longer than this test lasts.
    expect(said.split(UNAVAILABLE)).toHaveLength(how === 'hang' ? 1 : 2);
  },
);
