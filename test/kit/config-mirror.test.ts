import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MINIMAL, problemsOf, read } from './config-fixture.ts';

const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';

/** A job `shared`, each key on a line of its own: from line 8 on. */
function mirror(changes: Readonly<Record<string, string | null>> = {}, id = 'shared'): string {
  const keys = {
    kind: 'mirror',
    tenant: 'contoso',
    members: '{ mailboxes: licensed }',
    hub: `{ mailbox: ${HUB.toUpperCase()} }`,
    ...changes,
  };
  const lines = Object.entries(keys).flatMap(([key, value]) =>
    value === null ? [] : `    ${key}: ${value}\n`,
  );
  return `  ${id}:\n${lines.join('')}`;
}

const TENANTS = MINIMAL.slice(0, MINIMAL.indexOf('  staff:'));

describe('the job mirror', () => {
  test('needs members and a hub; the rest has defaults', () => {
    expect(read(TENANTS + mirror()).jobs).toEqual([
      {
        id: 'shared',
        kind: 'mirror',
        tenant: 'contoso',
        tenantPlace: { line: 9, path: 'jobs.shared.tenant' },
        members: { kind: 'licensed' },
        hub: { mailbox: HUB, folder: 'All Contacts' },
        onDelete: 'keep',
        updateExisting: true,
        stampNotes: false,
        private: { categories: ['Private'], sensitivity: ['private', 'confidential', 'personal'] },
        guard: { count: 20, percent: 10 },
      },
    ]);
  });

  test('takes members in every form that mailboxes are chosen in, and what an administrator says otherwise', () => {
    const text = mirror({
      members: `{ mailboxes: { groups: [${GROUP}], where: { city: Ulm } }, except: { users: [${HUB}] }, first: 3 }`,
      hub: `{ mailbox: ${HUB}, folder: Partners }`,
      onDelete: 'everywhere',
      updateExisting: 'false',
      stampNotes: 'true',
      private: '{ categories: [], sensitivity: [private] }',
      guard: '{ count: 0 }',
    });
    expect(read(TENANTS + text).jobs[0]).toMatchObject({
      members: {
        kind: 'chosen',
        groups: [GROUP],
        where: { attribute: 'city' },
        except: { users: [HUB] },
        first: 3,
      },
      hub: { folder: 'Partners' },
      onDelete: 'everywhere',
      updateExisting: false,
      stampNotes: true,
      private: { categories: [], sensitivity: ['private'] },
      guard: { count: 0, percent: 10 },
    });
    const some = mirror({ private: '{ categories: [Family, Clients] }' });
    expect(read(TENANTS + some).jobs[0]).toMatchObject({
      private: { categories: ['Family', 'Clients'], sensitivity: ['private', 'confidential', 'personal'] },
    });
  });

  test('takes a folder for what others keep: one beside Contacts, and of no other job', () => {
    const members = '{ mailboxes: licensed, folder: Shared with me }';
    expect(read(TENANTS + mirror({ members })).jobs[0]).toMatchObject({
      members: { kind: 'licensed', folder: 'Shared with me' },
    });
    expect(problemsOf(TENANTS + mirror({ members: '{ mailboxes: licensed, folder: contacts }' }))).toEqual([
      expect.stringContaining('jobs.shared.members.folder: Contacts is what every mailbox has'),
    ]);
    expect(problemsOf(TENANTS + mirror({ members }) + mirror({ members }, 'second'))).toEqual(
      expect.arrayContaining([expect.stringContaining('jobs.second.members.folder: the job shared')]),
    );
  });

  test.each([
    [{ members: null }, '7 jobs.shared.members: is missing: expected a map with mailboxes'],
    [
      { members: '{ mailboxes: {} }' },
      '10 jobs.shared.members.mailboxes: expected a map with one or more of',
    ],
    [{ hub: null }, '7 jobs.shared.hub: is missing: expected a map with mailbox'],
    [{ hub: '{ folder: A }' }, '11 jobs.shared.hub.mailbox: is missing: expected a GUID'],
    [{ hub: '{ mailbox: all@contoso.com }' }, '11 jobs.shared.hub.mailbox: expected a GUID'],
    [{ hub: `{ mailbox: ${HUB}, folder: "" }` }, '11 jobs.shared.hub.folder: expected a folder name'],
    [{ tenant: 'contsoo' }, '9 jobs.shared.tenant: no such tenant in this file: did you mean contoso?'],
    [{ onDelete: 'never' }, '12 jobs.shared.onDelete: expected one of keep, everywhere, restore'],
    [{ updateExisting: '"no"' }, '12 jobs.shared.updateExisting: expected true or false, found text'],
    [
      { private: '{ categories: [" "] }' },
      '12 jobs.shared.private.categories.1: expected the name of a category',
    ],
    [
      { private: '{ sensitivity: [normal] }' },
      '12 jobs.shared.private.sensitivity.1: expected one of private, confidential, personal',
    ],
    [{ private: '{ folders: [Family] }' }, '12 jobs.shared.private.folders: unknown key: expected one of'],
    [{ stampNotes: 'always' }, '12 jobs.shared.stampNotes: expected true or false, found text'],
    [{ folder: 'Shared' }, '12 jobs.shared.folder: unknown key: expected one of'],
    [{ guard: '{ count: -1 }' }, '12 jobs.shared.guard.count: expected a whole number'],
  ])('%o is refused in one line', (changes, problem) => {
    expect(problemsOf(TENANTS + mirror(changes))).toEqual([expect.stringContaining(problem)]);
  });

  test("two jobs never have one folder of the hub's mailbox; beside one another in two mailboxes they may", () => {
    const other = mirror({ hub: `{ mailbox: ${HUB}, folder: all CONTACTS }` }, 'more');
    expect(problemsOf(TENANTS + mirror() + other)).toEqual([
      '16 jobs.more.hub.folder: the job shared of the same tenant has a folder of this name: give each its own',
    ]);
    expect(problemsOf(TENANTS + mirror() + mirror({ hub: `{ mailbox: ${GROUP} }` }, 'more'))).toEqual([]);
    const managed = MINIMAL.slice(TENANTS.length).replace('Company Directory', 'All Contacts');
    expect(problemsOf(TENANTS + managed + mirror())).toEqual([
      expect.stringContaining(
        'jobs.shared.hub.folder: the job staff of the same tenant has a folder of this name',
      ),
    ]);
  });

  test('the one that its page shows is taken, and says the defaults', () => {
    const page = readFileSync(new URL('../../deploy/mirror.md', import.meta.url), 'utf8');
    const [, shown = ''] = /```yaml\n([^`]+)```/.exec(page) ?? [];
    const usual = read(TENANTS + mirror({ hub: `{ mailbox: ${GROUP} }` }, 'shared-contacts')).jobs[0];
    expect(read(shown).jobs[0]).toMatchObject({ ...usual, tenantPlace: {} });
  });

  test('the one that the example file shows behind comment signs is taken, and says the defaults', () => {
    const example = readFileSync(new URL('../../deploy/contact-sync.example.yaml', import.meta.url), 'utf8');
    const commented = /^ {2}# shared-contacts:\n(?: {2}# .*\n)+/m.exec(example)?.[0] ?? '';
    const [shown] = read(TENANTS + commented.replaceAll(/^ {2}# /gm, '  ')).jobs;
    const [usual] = read(TENANTS + mirror({ hub: `{ mailbox: ${GROUP} }` }, 'shared-contacts')).jobs;
    expect(shown).toEqual(usual);
  });
});
