import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { since, snapshot, total } from '../tenant/counts.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { STAMPING, StampedVillage } from './stamped-village.ts';
import { PLUMBER } from './village.ts';

const SCRIPT_ID = '0a1b2c3d-1111-2222-3333-444455556666';

let village: StampedVillage;
beforeEach(() => {
  village = new StampedVillage();
});
afterEach(() => village.close());

describe("the script's tags", () => {
  const LINE = `SyncId=${SCRIPT_ID};CreatedBy=founder@fabrikam.example;LastUpdatedAt=2026-01-02 03:04:05;LastUpdatedBy=last@fabrikam.example`;

  test('are kept: whose they are and who made it, also in the copy of whoever comes later', async () => {
    const [ann, bob, cem] = [village.member(0), village.member(1), village.member(2)];
    for (const owner of [ann, bob])
      village.add(owner, { ...PLUMBER, personalNotes: `${owner.id} wrote this\r\n${LINE}` });
    const except = { users: [cem.id] };
    await village.start({ ...STAMPING, members: { kind: 'licensed', except } });
    await village.start(STAMPING);
    for (const owner of village.all()) {
      const { syncId, createdBy } = village.stamp(owner);
      expect({ syncId, createdBy }).toEqual({ syncId: SCRIPT_ID, createdBy: 'founder@fabrikam.example' });
    }
    for (const owner of [ann, bob]) expect(village.stamp(owner).around).toBe(`${owner.id} wrote this\r\n`);
    // What was there before us stays.
    await village.revert();
    for (const owner of [ann, bob]) expect(village.stamp(owner)).toMatchObject({ syncId: SCRIPT_ID });
    expect(village.shown(cem)).toEqual([]);
  });
});

describe('whoever copies a contact with its tag, to make another of it,', () => {
  test('has two contacts, each with an id of its own', async () => {
    await village.close();
    village = new StampedVillage({ switches: { copyKeepsMarks: false } });
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const copy = village.tenant.mailboxes.copyContact(bob.id, village.named(bob, 'The plumber'));
    const emailAddresses = [{ name: 'The brother', address: 'brother@fabrikam.example' }];
    village.edit(bob, copy, { displayName: 'The brother', emailAddresses });
    await village.audit();
    for (const owner of village.all()) {
      expect(village.shown(owner)).toEqual(['The brother', 'The plumber']);
      expect(village.stamp(owner, 'The brother')).toMatchObject({ createdBy: bob.userPrincipalName });
      expect(village.stamp(owner, 'The brother').syncId).not.toBe(village.stamp(owner).syncId);
    }
  });
});

describe('where the mark comes off, the tag does', () => {
  const NOTES = 'Key under the mat\r\n\r\nOwes me lunch';

  test('when the job is taken back: the notes read as they did before', async () => {
    const ann = village.member(0);
    village.add(ann, { ...PLUMBER, personalNotes: NOTES });
    village.add(ann, { displayName: 'The baker' });
    await village.start(STAMPING);
    const personalNotes = `${village.notes(ann)}\r\nAdded later`;
    village.edit(ann, village.named(ann, 'The plumber'), { personalNotes });
    const before = snapshot(village.tenant.counts);
    await village.revert();
    // One look at each that stays.
    const looks = since(village.tenant.counts, before);
    expect(total(looks, 'GET users/{id}/contacts/{contact}')).toBe(2);
    expect(village.notes(ann)).toBe(`${NOTES}\r\nAdded later`);
    expect(village.notes(ann, 'The baker')).toBe('');
    expect(markOf(village.named(ann, 'The plumber').content) ?? '').not.toMatch(/shared/);
    for (const owner of [village.member(1), village.member(2)]) expect(village.shown(owner)).toEqual([]);
  });

  test('also from notes that somebody writes at the same moment', async () => {
    const ann = village.member(0);
    village.add(ann, { ...PLUMBER, personalNotes: NOTES });
    await village.start(STAMPING);
    let at = 0;
    village.before('unstamp', () => {
      at = village.clock.now();
      // Between the look and the write.
      void village.clock.sleep(30).then(() => {
        const personalNotes = `${village.notes(ann)}\r\nAdded later`;
        village.edit(ann, village.named(ann, 'The plumber'), { personalNotes });
      });
      return true;
    });
    await village.revert();
    expect(at).toBeGreaterThan(0);
    expect(village.notes(ann)).toBe(`${NOTES}\r\nAdded later`);
  });

  test.each(['leaves', 'keeps it private'])('when its owner %s', async (how) => {
    const ann = village.member(0);
    const own = village.add(ann, { ...PLUMBER, personalNotes: NOTES });
    await village.start(STAMPING);
    const except = { users: [ann.id] };
    if (how === 'leaves') await village.start({ ...STAMPING, members: { kind: 'licensed', except } });
    else village.tenant.mailboxes.setSensitivity(ann.id, own, 'private');
    await village.audit();
    await village.audit();
    expect(village.notes(ann)).toBe(NOTES);
  });
});
