import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../tenant/directory/objects.ts';
import { PLUMBER, Village } from './village.ts';

let village: Village;
beforeEach(() => {
  village = new Village();
});
afterEach(() => village.close());

describe('what members keep in Contacts', () => {
  test('stands in the hub and with every other member, once, and a second start writes nothing', async () => {
    village.add(village.member(0), PLUMBER);
    village.add(village.member(1), { displayName: 'The baker', mobilePhone: '+49 151 2000' });
    await village.start();
    for (const owner of village.all()) expect(village.shown(owner)).toEqual(['The baker', 'The plumber']);
    const before = village.writes();
    await village.start();
    await village.audit();
    expect(village.writes() - before).toBe(0);
  });

  test('and what people put into the hub reaches every member', async () => {
    await village.start();
    village.add(village.hub, PLUMBER, village.folder(village.hub));
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'mobilePhone')).toEqual(['+49 151 1000']);
  });

  test('never shows the notes and categories of somebody else', async () => {
    village.add(village.member(0), { ...PLUMBER, personalNotes: 'key under the mat', categories: ['House'] });
    await village.start();
    for (const owner of [village.hub, village.member(1)]) {
      expect(village.shown(owner)).toEqual(['The plumber']);
      expect(village.shown(owner, 'personalNotes')).toEqual([null]);
    }
    expect(village.shown(village.member(0), 'personalNotes')).toEqual(['key under the mat']);
  });
});

describe('an edit', () => {
  test.each(['of who wrote it first', 'of a copy', 'in the hub'])(
    '%s travels, in as many writes as there are others',
    async (where) => {
      village.add(village.member(0), PLUMBER);
      await village.start();
      const editor =
        { 'of a copy': village.member(1), 'in the hub': village.hub }[where] ?? village.member(0);
      const before = village.writes();
      village.edit(editor, village.named(editor, 'The plumber'), {
        jobTitle: 'Master plumber',
        mobilePhone: null,
      });
      await village.audit();
      for (const owner of village.all()) {
        expect(village.shown(owner, 'jobTitle')).toEqual(['Master plumber']);
        expect(village.shown(owner, 'mobilePhone')).toEqual([null]);
      }
      expect(village.writes() - before).toBe(village.members.length);
      await village.audit();
      await village.audit();
      expect(village.writes() - before).toBe(village.members.length);
    },
  );

  test('that is newer wins, wherever it was made, and by the time when it was made', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start();
    village.edit(village.member(1), village.named(village.member(1), 'The plumber'), { jobTitle: 'older' });
    await village.clock.run(village.clock.now() + 10_000);
    village.edit(village.hub, village.named(village.hub, 'The plumber'), { jobTitle: 'newer' });
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['newer']);
  });

  test('that nobody has seen yet is not written over by an older one', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start();
    const { needs, keeper } = village.service.assembly;
    village.edit(village.member(0), village.named(village.member(0), 'The plumber'), { jobTitle: 'older' });
    await village.clock.run(village.clock.now() + 10_000);
    village.edit(village.member(1), village.named(village.member(1), 'The plumber'), { jobTitle: 'newer' });
    // Only the mailbox of the older one is looked at.
    const places = await needs.ledger.audits.report();
    const first = places.filter(({ owner }) => owner === village.member(0).id).map(({ place }) => place);
    await keeper.auditor.verify(first, 'changes');
    await village.rest();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['newer']);
  });

  test('that nobody announced is found in the night', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start();
    village.tenant.setFaults({ notificationLost: 1 });
    village.edit(village.member(1), village.named(village.member(1), 'The plumber'), {
      jobTitle: 'unheard of',
    });
    await village.rest();
    expect(village.shown(village.hub, 'jobTitle')).toEqual([null]);
    await village.clock.through(village.service.assembly.keeper.sweep());
    await village.rest();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['unheard of']);
  });

  test('stays where it was made with updateExisting: false', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start({ updateExisting: false });
    village.edit(village.member(1), village.named(village.member(1), 'The plumber'), {
      jobTitle: 'mine alone',
    });
    await village.audit();
    expect(village.all().map((owner) => village.shown(owner, 'jobTitle'))).toEqual([
      [null],
      [null],
      ['mine alone'],
      [null],
    ]);
  });
});

test('a ledger that was lost is built anew from the marks, and the newest edit is not lost with it', async () => {
  village.add(village.member(0), PLUMBER);
  await village.start();
  await village.loseLedger();
  village.edit(village.member(2), village.named(village.member(2), 'The plumber'), { jobTitle: 'meanwhile' });
  await village.start();
  await village.audit();
  for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['meanwhile']);
  const before = village.writes();
  await village.audit();
  expect(village.writes() - before).toBe(0);
});

test.each([0, 1, 2])(
  'nor an edit of member %i that is taken back after that, where it was made',
  async (index) => {
    village.add(village.member(0), PLUMBER);
    await village.start();
    const item = village.named(village.member(index), 'The plumber');
    village.edit(village.member(index), item, { jobTitle: 'by mistake' });
    await village.audit();
    await village.loseLedger();
    await village.start();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['by mistake']);
    village.edit(village.member(index), item, { jobTitle: null });
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual([null]);
  },
);

test('an edit that was written elsewhere late is no later for that, also when the ledger is lost', async () => {
  village.add(village.member(0), PLUMBER);
  await village.start();
  village.tenant.setFaults({ notificationLost: 1 });
  const [, one, other] = village.members as [unknown, User, User];
  village.edit(one, village.named(one, 'The plumber'), { jobTitle: 'older' });
  await village.clock.run(village.clock.now() + 10_000);
  village.edit(other, village.named(other, 'The plumber'), { jobTitle: 'newer' });
  village.tenant.mailboxes.setState(other.id, 'out-of-scope');
  const { needs, keeper } = village.service.assembly;
  const places = (await needs.ledger.audits.report()).filter(({ owner }) => owner === one.id);
  await keeper.auditor.verify(
    places.map(({ place }) => place),
    'changes',
  );
  await village.rest();
  expect(village.shown(village.hub, 'jobTitle')).toEqual(['older']);
  await village.loseLedger();
  village.tenant.mailboxes.setState(other.id, 'ok');
  await village.start();
  await village.audit();
  for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['newer']);
});
