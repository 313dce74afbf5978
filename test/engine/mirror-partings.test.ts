import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markOf } from '../tenant/mailbox/item.ts';
import { PLUMBER, Village } from './village.ts';

let village: Village;
beforeEach(() => {
  village = new Village();
});
afterEach(() => village.close());

describe('a contact that is deleted', () => {
  test.each([0, 1])(
    'by member %i stays with the others, and is not made again there, whatever becomes of it',
    async (index) => {
      village.add(village.member(0), PLUMBER);
      await village.start();
      const leaver = village.member(index);
      village.tenant.mailboxes.deleteContact(leaver.id, village.named(leaver, 'The plumber'));
      await village.audit();
      village.edit(village.hub, village.named(village.hub, 'The plumber'), { jobTitle: 'later' });
      await village.audit();
      expect(village.shown(leaver)).toEqual([]);
      for (const owner of village.all().filter(({ id }) => id !== leaver.id))
        expect(village.shown(owner, 'jobTitle')).toEqual(['later']);
    },
  );

  test('goes everywhere by choice; what others wrote first stays, and does not come back', async () => {
    village.add(village.member(0), PLUMBER);
    village.add(village.member(1), PLUMBER);
    await village.start({ onDelete: 'everywhere' });
    village.tenant.mailboxes.deleteContact(
      village.member(2).id,
      village.named(village.member(2), 'The plumber'),
    );
    await village.audit();
    await village.audit();
    expect(village.all().map((owner) => village.shown(owner).length)).toEqual([0, 1, 1, 0]);
  });

  test('is made again by choice', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start({ onDelete: 'restore' });
    village.tenant.mailboxes.deleteContact(
      village.member(2).id,
      village.named(village.member(2), 'The plumber'),
    );
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner)).toEqual(['The plumber']);
  });

  test('is met again when its owner writes it down anew', async () => {
    village.add(village.member(0), PLUMBER);
    await village.start();
    village.tenant.mailboxes.deleteContact(
      village.member(2).id,
      village.named(village.member(2), 'The plumber'),
    );
    await village.audit();
    village.add(village.member(2), { ...PLUMBER, jobTitle: 'Here again' });
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['Here again']);
  });
});

describe('what stays private', () => {
  test('is never shared: locked, in a category, or in another folder', async () => {
    const { mailboxes } = village.tenant;
    const [one] = village.members;
    mailboxes.setSensitivity(one!.id, village.add(one!, { displayName: 'Locked' }), 'private');
    village.add(one!, { displayName: 'Kept', categories: ['private'] });
    village.add(one!, { displayName: 'Elsewhere' }, mailboxes.addFolder(one!.id, 'Family'));
    await village.start();
    await village.audit();
    for (const owner of [village.hub, village.member(1)]) expect(village.shown(owner)).toEqual([]);
  });

  test.each(['locked', 'moved away'])(
    'also when it is %s later: the others lose it, its owner does not',
    async (how) => {
      const { mailboxes } = village.tenant;
      const item = village.add(village.member(0), PLUMBER);
      await village.start();
      if (how === 'locked') mailboxes.setSensitivity(village.member(0).id, item, 'confidential');
      else
        mailboxes.moveContact(
          village.member(0).id,
          item,
          mailboxes.addFolder(village.member(0).id, 'Family'),
        );
      await village.audit();
      await village.audit();
      for (const owner of [village.hub, village.member(1), village.member(2)])
        expect(village.shown(owner)).toEqual([]);
      expect(item.content.fields['displayName']).toBe('The plumber');
      expect(markOf(item.content) ?? '').not.toMatch(/shared/);
    },
  );
});

describe('whoever leaves', () => {
  test('keeps what they wrote, without our mark, and loses the copies; the others keep all', async () => {
    const own = village.add(village.member(0), PLUMBER);
    village.add(village.member(1), { displayName: 'The baker', mobilePhone: '+49 151 2000' });
    await village.start();
    const except = { users: [village.member(0).id] };
    await village.start({ members: { kind: 'licensed', except } });
    await village.rest();
    expect(village.shown(village.member(0))).toEqual(['The plumber']);
    expect(markOf(own.content) ?? '').not.toMatch(/shared/);
    for (const owner of [village.hub, village.member(1), village.member(2)])
      expect(village.shown(owner)).toEqual(['The baker', 'The plumber']);
    // And whoever comes back is met again.
    await village.start();
    for (const owner of village.all()) expect(village.shown(owner)).toEqual(['The baker', 'The plumber']);
  });
});

test('the job is taken back: copies go, what people wrote first stays', async () => {
  const own = village.add(village.member(0), PLUMBER);
  await village.start();
  const { ledger } = village.service.assembly.needs;
  await ledger.halts.set({
    scope: { kind: 'job', name: 'shared' },
    mode: 'reverting',
    since: village.clock.now(),
  });
  await village.rest();
  await village.rest();
  expect(village.shown(village.member(0))).toEqual(['The plumber']);
  expect(markOf(own.content) ?? '').not.toMatch(/shared/);
  for (const owner of [village.member(1), village.member(2)]) expect(village.shown(owner)).toEqual([]);
  expect(village.tenant.mailboxes.get(village.hub.id).folderNamed('All Contacts')).toBeUndefined();
});
