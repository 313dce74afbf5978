import { describe, expect, test } from 'vitest';
import { setbackKind } from '../../src/ledger/codes.ts';
import { POISON } from '../../src/queue/bus/suspects.ts';
import type { GivenUp } from '../../src/run/given-up/report.ts';
import { dropMeans, nextOf, remedyOf } from '../../src/run/given-up/words.ts';
import { type Parts } from './fake-world.ts';
import { commandLine } from './command.ts';

const command = commandLine();

const failed: GivenUp = {
  id: '3f9a1c2b4d',
  keptIn: 'ledger',
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
  next: 'tried again by itself',
  remedy: 'mend its cause',
  dropping: 'nobody looks',
};
const letter: GivenUp = {
  ...failed,
  id: 'changes-17',
  keptIn: 'changes',
  kind: null,
  tenant: null,
  object: null,
  slab: null,
  reason: 'malformed: kind',
  at: failed.since,
  times: null,
  nextTry: null,
};

const report = { at: '2026-11-20T12:00:00.000Z', total: 30, things: [failed, letter] };
const listGivenUp: Parts['listGivenUp'] = () => Promise.resolve(report);
const unexpected = (): Promise<never> => Promise.reject(new Error('not expected'));

describe('dead list and show', () => {
  test('say of each what, why, since when, how often, what happens next, and what to do', async () => {
    const { code, stdout } = await command('dead list', { listGivenUp });
    expect(code).toBe(0);
    expect(stdout).toBe(
      'Given up: 30 things\n' +
        '3f9a1c2b4d  identity contoso slab 4 9c83ff06 (kept in the ledger)\n' +
        '  why: unexpected SqliteError (SQLITE_BUSY) in 8 attempts\n' +
        '  since 2026-11-20T10:00:00.000Z, 2 times, last at 2026-11-20T11:00:00.000Z\n' +
        '  next: tried again by itself\n  to do: mend its cause\n' +
        'changes-17  unreadable message (dead letter of the queue changes)\n' +
        '  why: malformed: kind\n  since 2026-11-20T10:00:00.000Z\n' +
        '  next: tried again by itself\n  to do: mend its cause\n' +
        'and 28 more: --json shows more of them\n',
    );
    expect(JSON.parse((await command('dead list --json', { listGivenUp })).stdout)).toEqual(report);
    expect((await command('dead list')).stdout).toBe('Nothing was given up.\n');
  });

  test('show one, with what forgetting it would mean', async () => {
    const { stdout } = await command('dead show changes-17', { listGivenUp });
    expect(stdout).toContain('forgotten by "contact-sync dead drop changes-17" it means: nobody looks\n');
    expect(JSON.parse((await command('dead show changes-17 --json', { listGivenUp })).stdout)).toEqual(
      letter,
    );
  });

  test.each(['dead show changes-18', 'dead drop changes-18 --yes'])(
    '%s: what is not there is said, and nothing is done',
    async (line) => {
      const { code, stdout, stderr } = await command(line, { listGivenUp, dropGivenUp: unexpected });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(
        'nothing that was given up is called changes-18: it may have succeeded by now',
      );
    },
  );

  test('one job alone is refused', async () => {
    const { code, stderr } = await command('dead list --job staff', { listGivenUp: unexpected });
    expect(code).toBe(2);
    expect(stderr).toContain('leave --job out');
  });
});

describe('dead retry', () => {
  test('names one, or all of them', async () => {
    const asked: unknown[] = [];
    const retryGivenUp: Parts['retryGivenUp'] = (_config, _surroundings, id) =>
      Promise.resolve({ retried: [failed].slice(0, asked.push(id)), left: [] });
    expect(await command('dead retry', { retryGivenUp })).toMatchObject({
      code: 0,
      stdout: '1 thing to be tried again.\n',
    });
    await command('dead retry 3f9a1c2b4d', { retryGivenUp });
    expect(asked).toEqual([undefined, '3f9a1c2b4d']);
    expect(JSON.parse((await command('dead retry --json', { retryGivenUp })).stdout)).toEqual({
      retried: [failed],
      left: [],
    });
    expect((await command('dead retry')).stdout).toBe('Nothing was given up.\n');
  });

  test('says what is left, and that there is none of that id', async () => {
    const { code, stdout } = await command('dead retry changes-17', {
      retryGivenUp: () => Promise.resolve({ retried: [], left: [letter] }),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('Left: changes-17  unreadable message');
    expect(stdout).toContain('to do: mend its cause');
    const none = await command('dead retry changes-18', { retryGivenUp: () => Promise.resolve(null) });
    expect([none.code, none.stdout]).toEqual([2, '']);
  });
});

describe('dead drop', () => {
  test('says what it means, asks, and does nothing without a yes', async () => {
    const questions: string[] = [];
    const confirm: Parts['confirm'] = (question) => Promise.resolve(questions.push(question) < 0);
    const no = await command('dead drop changes-17', { listGivenUp, confirm, dropGivenUp: unexpected });
    expect([no.code, no.stdout]).toEqual([0, '']);
    expect(no.stderr).toContain('forgotten means: nobody looks\nNothing was done.\n');
    expect(questions).toHaveLength(1);
    const alone = await command('dead drop changes-17', { listGivenUp, dropGivenUp: unexpected });
    expect(alone).toMatchObject({ code: 2, stdout: '' });
    expect(alone.stderr).toContain('say --yes');
  });

  test('forgets the one, or says that it went meanwhile', async () => {
    const dropGivenUp = () => Promise.resolve(letter);
    expect((await command('dead drop changes-17 --yes', { listGivenUp, dropGivenUp })).stdout).toBe(
      'Forgotten: changes-17.\n',
    );
    const json = await command('dead drop changes-17 --yes --json', { listGivenUp, dropGivenUp });
    expect(JSON.parse(json.stdout)).toEqual({ dropped: letter });
    expect((await command('dead drop changes-17 --yes', { listGivenUp })).code).toBe(2);
  });
});

describe('the words', () => {
  const circumstances = { now: 1_000, tenants: new Set(['contoso']) };
  const told = { id: 'x', kind: 'user', tenant: 'contoso', reason: 'unexpected', nextTry: 61_000 } as const;

  test('tell what happens next by where it lies and what it is', () => {
    expect(nextOf(told, circumstances)).toContain('by itself at 1970-01-01T00:01:01.000Z');
    expect(nextOf({ ...told, nextTry: 0 }, circumstances)).toContain('within a minute');
    expect(nextOf({ ...told, nextTry: null }, circumstances)).toContain('before the person changes');
    expect(nextOf({ ...told, kind: 'folder' }, circumstances)).toContain('when the mailbox is worked on');
    expect(nextOf({ ...told, tenant: 'fabrikam' }, circumstances)).toContain('the tenant fabrikam');
    expect(nextOf({ ...told, queue: 'writes', id: 'writes-3' }, circumstances)).toContain(
      'dead retry writes-3',
    );
    expect(nextOf({ ...told, queue: 'writes', kind: null }, circumstances)).toContain('cannot read it');
  });

  test.each([
    ['unknown version', 'newer version'],
    ['malformed: envelope', 'drop it'],
    [POISON, 'too little memory'],
    ['MaxDeliveryCountExceeded', 'queue check'],
    ['the folder name is taken by a folder that is not ours', 'have it renamed'],
    ['invalid: ErrorInvalidProperty', 'refuses a value'],
    ['conflict: ErrorIrresolvableConflict', 'another tool'],
    ['unknown-outcome', 'without an answer'],
    ['not-found: no such group: Request_ResourceNotFound', 'still exist'],
    ['unexpected SqliteError (SQLITE_BUSY) in 8 attempts', 'nobody foresaw'],
    ['something new', 'look in the log'],
  ])('have a remedy for %s', (reason, words) => {
    expect(remedyOf({ reason })).toContain(words);
  });

  test('tell what forgetting means, for every kind of thing', () => {
    const kinds = Array.from({ length: 10 }, (_, code) => setbackKind.word(code));
    const meanings = [null, ...kinds].map((kind) => dropMeans({ kind }));
    expect(new Set(meanings).size).toBe(11);
  });
});
