import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../tenant/directory/objects.ts';
import { markOf, type Item } from '../tenant/mailbox/item.ts';
import { PLUMBER, Village } from './village.ts';

let village: Village;
let one: User;
let other: User;
beforeEach(() => {
  village = new Village();
  [one, other] = [village.member(0), village.member(1)];
});
afterEach(() => village.close());

const BAKER = { displayName: 'The baker', mobilePhone: '+49 151 2000' };

function own(owner: User): unknown[] {
  return namesIn([...village.folder(owner).items.values()]);
}

/** Null: there is no such folder. */
function beside(owner: User): unknown[] | null {
  const folder = village.beside(owner);
  return folder ? namesIn([...folder.items.values()]) : null;
}

function namesIn(items: readonly Item[]): unknown[] {
  return items
    .map(({ content }) => JSON.stringify(content.fields['displayName']))
    .toSorted()
    .map((one) => JSON.parse(one) as unknown);
}

async function choose(folder: boolean): Promise<void> {
  await village.start({ members: village.membersWith(folder) });
  await village.rest();
}

describe('a folder for what others keep', () => {
  test('has the copies, and Contacts only what its owner wrote; a second start writes nothing', async () => {
    village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(true);
    expect([own(one), beside(one)]).toEqual([['The plumber'], ['The baker']]);
    expect([own(other), beside(other)]).toEqual([['The baker'], ['The plumber']]);
    expect([own(village.member(2)), beside(village.member(2))]).toEqual([[], ['The baker', 'The plumber']]);
    expect(village.shown(village.hub)).toEqual(['The baker', 'The plumber']);
    const before = village.writes();
    await choose(true);
    await village.audit();
    expect(village.writes() - before).toBe(0);
  });

  test('has nobody twice: who was met in Contacts has no copy beside it', async () => {
    village.add(one, PLUMBER);
    await village.clock.run(village.clock.now() + 10_000);
    village.add(other, { ...PLUMBER, jobTitle: 'as the other knows it' });
    await choose(true);
    expect([own(one), beside(one), own(other), beside(other)]).toEqual([
      ['The plumber'],
      [],
      ['The plumber'],
      [],
    ]);
    for (const owner of village.all())
      expect(village.shown(owner, 'jobTitle')).toEqual(['as the other knows it']);
  });

  test.each(['a copy', 'the original'])('lets edits of %s travel, by notifications alone', async (where) => {
    village.add(one, PLUMBER);
    await choose(true);
    // Until then nothing is announced.
    await village.rest(400_000);
    const editor = where === 'a copy' ? other : one;
    village.edit(editor, village.named(editor, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.rest();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['Master plumber']);
  });

  test('and a copy that is deleted there is not made again, unless it is to be', async () => {
    village.add(one, PLUMBER);
    await choose(true);
    village.tenant.mailboxes.deleteContact(other.id, village.named(other, 'The plumber'));
    await village.audit();
    await village.audit();
    expect(village.items(other)).toEqual([]);
    expect(beside(village.member(2))).toEqual(['The plumber']);
  });

  test('that its owner removes whole is made anew', async () => {
    village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(true);
    const folder = village.beside(other);
    if (folder) village.tenant.mailboxes.deleteFolder(other.id, folder);
    await village.audit();
    await village.rest(300_000);
    expect([own(other), beside(other)]).toEqual([['The baker'], ['The plumber']]);
    expect(own(one)).toEqual(['The plumber']);
  });

  test('is built anew from the marks where the ledger was lost, with nobody twice', async () => {
    village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(true);
    await village.loseLedger();
    village.edit(other, village.named(other, 'The plumber'), { jobTitle: 'meanwhile' });
    await choose(true);
    await village.audit();
    expect([own(other), beside(other)]).toEqual([['The baker'], ['The plumber']]);
    for (const owner of village.all())
      expect(village.shown(owner, 'jobTitle')).toEqual(expect.arrayContaining(['meanwhile']));
  });
});

describe('what is dragged between the two folders', () => {
  test('is one and the same, and its edits travel', async () => {
    const original = village.add(one, PLUMBER);
    await choose(true);
    const copy = village.named(other, 'The plumber');
    const { mailboxes } = village.tenant;
    mailboxes.moveContact(other.id, copy, village.folder(other));
    const there = village.beside(one);
    if (there) mailboxes.moveContact(one.id, original, there);
    const before = village.writes();
    await village.audit();
    await village.audit();
    expect(village.writes() - before).toBe(0);
    expect([own(one), beside(one), own(other), beside(other)]).toEqual([
      [],
      ['The plumber'],
      ['The plumber'],
      [],
    ]);
    village.edit(other, copy, { jobTitle: 'of the copy' });
    await village.audit();
    expect(village.shown(one, 'jobTitle')).toEqual(['of the copy']);
    village.edit(one, original, { jobTitle: 'of the original' });
    await village.clock.run(village.clock.now() + 10_000);
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['of the original']);
  });
});

describe('another choice', () => {
  test('of a folder takes copies out of Contacts, with every edit, and leaves what people wrote', async () => {
    const original = village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(false);
    expect(own(other)).toEqual(['The baker', 'The plumber']);
    await village.stop();
    // Nobody has seen it, and it is the newest.
    village.edit(other, village.named(other, 'The plumber'), { jobTitle: 'in the copy' });
    await choose(true);
    await village.rest(300_000);
    expect([own(one), beside(one)]).toEqual([['The plumber'], ['The baker']]);
    expect([own(other), beside(other)]).toEqual([['The baker'], ['The plumber']]);
    expect([...village.folder(one).items.values()]).toEqual([original]);
    for (const owner of village.all())
      expect(village.shown(owner, 'jobTitle')).toEqual(expect.arrayContaining(['in the copy']));
    const before = village.writes();
    await village.audit();
    expect(village.writes() - before).toBe(0);
  });

  test('of no folder takes copies back into Contacts, and the folder goes', async () => {
    village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(true);
    await village.stop();
    village.edit(other, village.named(other, 'The plumber'), { jobTitle: 'in the copy' });
    await choose(false);
    await village.rest(300_000);
    for (const owner of village.members) {
      expect([own(owner), beside(owner)]).toEqual([['The baker', 'The plumber'], null]);
      expect(village.shown(owner, 'jobTitle')).toEqual(expect.arrayContaining(['in the copy']));
    }
  });

  test('of no folder, with a ledger that was lost at the same time, leaves nobody twice', async () => {
    village.add(one, PLUMBER);
    village.add(other, BAKER);
    await choose(true);
    await village.loseLedger();
    await choose(false);
    await village.rest(300_000);
    for (const owner of village.members)
      expect([own(owner), beside(owner)]).toEqual([['The baker', 'The plumber'], null]);
  });

  test('of a name renames the folder, and writes no contact', async () => {
    village.add(one, PLUMBER);
    await choose(true);
    const folder = village.beside(other);
    const before = village.writes();
    await village.start({ members: village.membersWith(true, 'From colleagues') });
    await village.rest();
    expect(village.writes() - before).toBe(0);
    expect(folder?.name).toBe('From colleagues');
  });

  test.each([true, false])(
    'of a folder (%s) leaves a copy where it is that bears its owner’s notes',
    async (folder) => {
      village.add(one, PLUMBER);
      await choose(!folder);
      const copy = village.named(other, 'The plumber');
      village.edit(other, copy, { personalNotes: 'call before noon' });
      await choose(folder);
      await village.rest(300_000);
      expect(village.items(other)).toEqual([copy]);
      expect(village.items(village.member(2))).toHaveLength(1);
      expect(own(village.member(2))).toEqual(folder ? [] : ['The plumber']);
      village.edit(one, village.named(one, 'The plumber'), { jobTitle: 'later' });
      await village.audit();
      expect(village.shown(other, 'jobTitle')).toEqual(['later']);
    },
  );
});

test('the job is taken back: the folder goes whole, and what people wrote first loses its mark', async () => {
  const original = village.add(one, PLUMBER);
  village.add(other, BAKER);
  await choose(true);
  const { ledger } = village.service.assembly.needs;
  const scope = { kind: 'job', name: 'shared' } as const;
  const before = village.tenant.counts.get('DELETE contact') ?? 0;
  await ledger.halts.set({ scope, mode: 'reverting', since: village.clock.now() });
  await village.rest();
  await village.rest();
  expect([own(one), beside(one)]).toEqual([['The plumber'], null]);
  expect([own(other), beside(other)]).toEqual([['The baker'], null]);
  expect(markOf(original.content) ?? '').not.toMatch(/shared/);
  expect(village.tenant.counts.get('DELETE contact') ?? 0).toBe(before);
});

test('and a folder in which people keep something of their own stays with that', async () => {
  village.add(one, PLUMBER);
  await choose(true);
  const secret = { displayName: 'A secret', categories: ['Private'] };
  village.add(other, secret, village.beside(other));
  const { ledger } = village.service.assembly.needs;
  const scope = { kind: 'job', name: 'shared' } as const;
  await ledger.halts.set({ scope, mode: 'reverting', since: village.clock.now() });
  await village.rest();
  await village.rest();
  expect(beside(other)).toEqual(['A secret']);
  expect(beside(village.member(2))).toBeNull();
});
