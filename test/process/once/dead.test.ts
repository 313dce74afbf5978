import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Revived } from '../../../src/run/given-up/orders.ts';
import type { GivenUp, GivenUpReport } from '../../../src/run/given-up/report.ts';
import { documentOf, status } from '../commands.ts';
import { install, type Installation } from '../installation.ts';
import { until } from '../until.ts';

let on: Installation;
beforeAll(async () => {
  on = await install({ people: 5, mailboxes: 1, seed: 7 });
});
afterAll(() => on.close());

/** A message of a version that nobody has any more. */
function leaveUnreadable(): void {
  const database = new Database(path.join(on.folder, 'data', 'queue.sqlite'));
  const insert = database.prepare('INSERT INTO writes_dead (key, body, reason, at) VALUES (?, ?, ?, ?)');
  insert.run('contoso|0', '{"v":9}', 'unknown version', 1_764_000_000_000);
  database.close();
}

test('a dead letter is seen, cannot be read, and is dropped, beside the running service', async () => {
  const service = on.start('run');
  await until(() => service.said().includes('receiver listens'));
  await on.untilRight();
  leaveUnreadable();
  expect(await status(on)).toMatchObject({ code: 1 });

  const listed = await on.run('dead', 'list', '--json');
  const { total, things } = documentOf(listed) as GivenUpReport;
  expect([listed.code, total]).toEqual([0, 1]);
  const [letter] = things;
  expect(letter).toMatchObject({ keptIn: 'writes', kind: null, reason: 'unknown version' });
  const id = letter?.id ?? '';

  const again = await on.run('dead', 'retry', id, '--json');
  expect(again.code).toBe(1);
  expect(documentOf(again) as Revived).toMatchObject({ retried: [], left: [{ id }] });

  expect(await on.run('dead', 'drop', id)).toMatchObject({ code: 2, stdout: '' });
  const dropped = await on.run('dead', 'drop', id, '--yes', '--json');
  expect(documentOf(dropped) as { dropped: GivenUp }).toMatchObject({ dropped: { id } });
  expect(dropped.stderr).toContain('"msg":"what was given up is forgotten, as an administrator asked"');
  expect(await status(on)).toMatchObject({ code: 0 });

  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
});
