import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import type { SubjectOrder, SubjectReport } from '../../src/run/subject/report.ts';
import { type Parts } from './fake-world.ts';
import { commandLine } from './command.ts';

const command = commandLine();

const contact = {
  job: 'staff',
  route: 'staff',
  tenant: 'contoso',
  mailbox: 'owner-1',
  folder: 'folder-1',
  item: 'item-1',
  origin: 'made by us',
  state: 'known',
  picture: true,
} as const;
const REPORT: SubjectReport = {
  at: '2026-11-30T12:00:00.000Z',
  subjects: [
    {
      id: 'ann',
      tenant: 'contoso',
      sharedBy: null,
      keptOut: null,
      cards: [
        { job: 'staff', route: 'staff', state: 'shown', fields: ['displayName', 'mobilePhone'] },
        { job: 'old', route: 'old', state: 'held', fields: null },
      ],
      contacts: [
        contact,
        {
          ...contact,
          mailbox: 'owner-2',
          item: null,
          origin: 'original',
          state: 'creating',
          picture: false,
        },
      ],
    },
    {
      id: '00aa00aa00aa00aa',
      tenant: 'contoso',
      sharedBy: 'shared',
      keptOut: { by: 'order', since: '2026-11-29T12:00:00.000Z' },
      cards: [{ job: 'shared', route: 'shared/in', state: 'gone', fields: ['displayName'] }],
      contacts: [],
    },
  ],
};
const ORDER: SubjectOrder = {
  at: REPORT.at,
  subjects: [
    { id: 'ann', tenant: 'contoso', sharedBy: null, contacts: 2, keepOut: ['ann'] },
    { id: 'joe', tenant: 'contoso', sharedBy: 'shared', contacts: 1, keepOut: ['joe', '0011223344556677'] },
  ],
};

const findSubject = () => Promise.resolve(REPORT);
const failingAs = (kind: 'not-found' | 'invalid', message: string) => () =>
  Promise.reject(new Fault(kind, message));

describe('subject', () => {
  test('prints every place for people, or one document', async () => {
    const { code, stdout } = await command('subject ann', { findSubject });
    expect(code).toBe(0);
    expect(stdout).toBe(`Person ann of contoso: 2 contacts in 2 mailboxes
  job staff: shown; writes displayName, mobilePhone
  job old: held; the job left the configuration
  mailbox owner-1 of contoso, folder folder-1, item item-1: made by us, known, with a picture (staff)
  mailbox owner-2 of contoso, folder folder-1, item not known yet: original, creating (staff)

Shared contact 00aa00aa00aa00aa of contoso (job shared): 0 contacts in 0 mailboxes
  erased and kept out since 2026-11-29T12:00:00.000Z, until: contact-sync subject 00aa00aa00aa00aa --restore
  job shared (shared/in): gone; writes displayName
`);
    const json = await command('subject ann --json', { findSubject });
    expect(JSON.parse(json.stdout)).toEqual(REPORT);
  });

  test('a long list is cut for people, not in the document', async () => {
    const [one] = REPORT.subjects;
    if (!one) throw new Error('The report is about somebody.');
    const contacts = Array.from({ length: 60 }, () => contact);
    const many = { ...REPORT, subjects: [{ ...one, contacts }] };
    const { stdout } = await command('subject ann', { findSubject: () => Promise.resolve(many) });
    expect(stdout.match(/^ {2}mailbox /gm)).toHaveLength(50);
    expect(stdout).toContain('  and 10 more contacts: --json shows all\n');
  });

  test.each([
    ['not-found', 'the ledger knows nobody of this name'],
    ['invalid', 'several contacts of shared are called so'],
  ] as const)('exits with 1 and says why: %s', async (kind, message) => {
    const failing = failingAs(kind, message);
    const found = await command('subject nobody', { findSubject: failing });
    expect(found).toMatchObject({ code: 1, stdout: '' });
    expect(found.stderr).toContain(message);
    const erased = await command('subject nobody --erase --yes', { eraseSubject: failing });
    expect(erased).toMatchObject({ code: 1, stdout: '' });
    expect(erased.stderr).toContain(message);
  });

  test('a person is needed, and one order at a time', async () => {
    expect(await command('subject')).toMatchObject({ code: 2, stdout: '' });
    const both = await command('subject ann --erase --restore');
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('not both')]);
  });
});

const erasing = () => {
  const asked: string[] = [];
  const eraseSubject: Parts['eraseSubject'] = (_config, _surroundings, person) => {
    asked.push(person);
    return Promise.resolve(ORDER);
  };
  return { asked, parts: { eraseSubject, findSubject } };
};

describe('subject --erase', () => {
  test('asks first, and says what will go', async () => {
    const { asked, parts } = erasing();
    const questions: string[] = [];
    const answer = (yes: boolean) => (question: string) => {
      questions.push(question);
      return Promise.resolve(yes);
    };
    const no = await command('subject ann --erase', { ...parts, confirm: answer(false) });
    expect(no).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing was done.\n' });
    expect(asked).toEqual([]);
    expect(questions[0]).toContain('Person ann of contoso: 2 contacts will be removed');
    const yes = await command('subject ann --erase', { ...parts, confirm: answer(true) });
    expect(yes.code).toBe(0);
    expect(asked).toEqual(['ann']);
  });

  test('with nobody there to be asked nothing is done, unless --yes says so', async () => {
    const { asked, parts } = erasing();
    const refused = await command('subject ann --erase', parts);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('say --yes')]);
    expect(asked).toEqual([]);
    const { stdout } = await command('subject ann --erase --yes', parts);
    expect(asked).toEqual(['ann']);
    expect(stdout).toContain('Person ann of contoso: 2 contacts are being removed');
    expect(stdout).toContain('Shared contact joe of contoso (job shared): 1 contact is being removed');
    expect(stdout).toContain("  keepOut: ['ann', 'joe', '0011223344556677']\n");
    const json = await command('subject ann --erase --yes --json', parts);
    expect(JSON.parse(json.stdout)).toEqual(ORDER);
  });

  test('is taken back without a question', async () => {
    const restored = { ...ORDER, subjects: ORDER.subjects.map((one) => ({ ...one, keepOut: [] })) };
    const { code, stdout } = await command('subject ann --restore', {
      restoreSubject: () => Promise.resolve(restored),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Person ann of contoso: kept out no longer.\n');
    const refused = await command('subject ann --restore', {
      restoreSubject: failingAs('invalid', 'ann stands in compliance.keepOut'),
    });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('compliance.keepOut')]);
  });
});
