import { expect, test } from 'vitest';
import { STATUS } from './fake-world.ts';
import { commandLine } from './command.ts';

const command = commandLine();

test('status tells what does not succeed, with object and reason, and how to try it again', async () => {
  const one = {
    kind: 'identity',
    tenant: 'contoso',
    mailbox: null,
    route: null,
    object: '9c83ff06',
    slab: 4,
    reason: 'unexpected SqliteError (SQLITE_BUSY) in 8 attempts',
    since: '2026-11-20T10:00:00.000Z',
    at: '2026-11-20T11:00:00.000Z',
    times: 2,
    nextTry: '2026-11-20T13:00:00.000Z',
  };
  const refused = {
    ...one,
    kind: 'contact',
    mailbox: '5d1f',
    route: 'staff',
    reason: 'invalid',
    nextTry: null,
  };
  const setbacks = { work: 1, folders: 0, contacts: 30, newest: [one, refused] };
  const { code, stdout } = await command('status', { status: { ...STATUS, setbacks } });
  expect(code).toBe(1);
  expect(stdout).toContain(
    'Without success: 1 piece of work, 30 contacts; try at once with: contact-sync retry; what to do about each: contact-sync dead list\n' +
      '  identity contoso slab 4 9c83ff06: unexpected SqliteError (SQLITE_BUSY) in 8 attempts ' +
      '(2 times since 2026-11-20T10:00:00.000Z, next try 2026-11-20T13:00:00.000Z)\n' +
      '  contact contoso mailbox 5d1f of staff 9c83ff06: invalid ' +
      '(2 times since 2026-11-20T10:00:00.000Z, not tried again before it changes)\n' +
      '  and 29 more: --json shows more of them\n',
  );
  const status = { ...STATUS, setbacks: { ...setbacks, work: 0 } };
  expect((await command('status', { status })).code).toBe(0);
});
