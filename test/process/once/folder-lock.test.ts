import { afterAll, beforeAll, expect, test } from 'vitest';
import { install, type Installation } from '../installation.ts';
import { until } from '../until.ts';

let on: Installation;
beforeAll(async () => {
  on = await install({ people: 5, mailboxes: 1, seed: 7 });
});
afterAll(() => on.close());

test('a second process on the same data is turned away, in one line with the pid of the first', async () => {
  const first = on.start('run');
  await until(() => first.said().includes('receiver listens'));
  for (const command of ['run', 'sync', 'sweep']) {
    const second = await on.run(command);
    expect(second).toMatchObject({ code: 4, stdout: '' });
    const { words = [], log = [] } = Object.groupBy(second.stderr.trimEnd().split('\n'), (line) =>
      line.startsWith('{') ? 'log' : 'words',
    );
    expect(words).toEqual([
      expect.stringMatching(new RegExp(`^contact-sync: .*process ${first.pid} on .*$`)),
    ]);
    // Whoever watches the service reads its log alone.
    const events = log.map((line) => (JSON.parse(line) as { readonly event: string }).event);
    expect(events).toEqual(command === 'run' ? ['run-failed'] : []);
  }
  first.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });
});
