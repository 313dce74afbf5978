import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { total } from '../tenant/counts.ts';
import { STAMPING, StampedVillage } from './stamped-village.ts';
import { PLUMBER } from './village.ts';

let village: StampedVillage;
beforeEach(() => {
  village = new StampedVillage();
});
afterEach(() => village.close());

describe('a contact that is shared', () => {
  test('bears one tag in every mailbox; what its owner wrote about it stays, and with its owner', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat\r\n\r\nOwes me lunch' });
    village.add(bob, { ...PLUMBER, personalNotes: 'Never on time' });
    await village.start(STAMPING);
    const stamps = village.all().map((owner) => village.stamp(owner));
    expect(new Set(stamps.map(({ syncId }) => syncId)).size).toBe(1);
    const by = new Set([ann.userPrincipalName, bob.userPrincipalName]);
    for (const { createdBy, by: editor } of stamps) {
      expect(by).toContain(createdBy);
      expect(editor).toBe(createdBy);
    }
    expect(village.all().map((owner) => village.stamp(owner).around)).toEqual([
      '',
      'Key under the mat\r\n\r\nOwes me lunch\r\n',
      'Never on time\r\n',
      '',
    ]);
  });

  test('costs no write and no request for it, but one question for each editor, in a batch that leaves anyway', async () => {
    const costs: { writes: number; requests: number; questions: number }[] = [];
    for (const job of [{}, STAMPING]) {
      await village.close();
      village = new StampedVillage();
      const [ann, bob] = [village.member(0), village.member(1)];
      village.add(ann, PLUMBER);
      await village.start(job);
      for (const jobTitle of ['Master plumber', 'Retired']) {
        village.edit(bob, village.named(bob, 'The plumber'), { jobTitle });
        await village.audit();
      }
      const { counts, httpRequests: requests } = village.tenant;
      costs.push({ writes: village.writes(), requests, questions: total(counts, 'GET users/{id}') });
    }
    const [without, stamping] = costs;
    // Whoever wrote it down, and whoever edited twice.
    expect(stamping).toEqual({ ...without, questions: (without?.questions ?? 0) + 2 });
  });

  test('is written no more once it bears it, whoever looks and however often the service starts', async () => {
    village.add(village.member(0), { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const written = village.writes();
    for (let round = 0; round < 3; round += 1) {
      await village.audit();
      await village.start(STAMPING);
    }
    await village.loseLedger();
    await village.start(STAMPING);
    await village.audit();
    expect(village.writes() - written).toBe(0);
  });

  test('gets none unless it is asked for, and none is taken for an edit when it is', async () => {
    village.add(village.member(0), { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start();
    expect(village.all().map((owner) => village.notes(owner))).toEqual(['', 'Key under the mat', '', '']);
    const written = village.writes();
    await village.start(STAMPING);
    await village.audit();
    expect(village.writes() - written).toBe(0);
  });
});

describe('an edit', () => {
  test('says when and by whom, with the fields; the first of all stays who made the contact', async () => {
    const [ann, bob, cem] = [village.member(0), village.member(1), village.member(2)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const first = village.stamp(ann);
    for (const [editor, jobTitle] of [
      [bob, 'Master plumber'],
      [village.hub, 'Retired'],
      [cem, 'Back again'],
    ] as const) {
      await village.clock.run(village.clock.now() + 60_000);
      const editedAt = Math.floor(village.clock.now() / 1_000) * 1_000;
      village.edit(editor, village.named(editor, 'The plumber'), { jobTitle });
      const written = village.writes();
      await village.audit();
      await village.audit();
      // The tag comes with the fields, and one that was edited is not written into.
      expect(village.writes() - written).toBe(village.members.length);
      for (const owner of village.all().filter(({ id }) => id !== editor.id)) {
        const { syncId, createdBy, at, by } = village.stamp(owner);
        expect({ syncId, createdBy, at, by }).toEqual({
          syncId: first.syncId,
          createdBy: ann.userPrincipalName,
          at: editedAt,
          by: editor.userPrincipalName,
        });
        expect(village.shown(owner, 'jobTitle')).toEqual([jobTitle]);
      }
      expect(village.stamp(ann).around).toBe('Key under the mat\r\n');
    }
  });

  test('leaves what owners write around the tag, and what they write there is no edit', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const written = village.writes();
    for (const owner of [ann, bob]) {
      const personalNotes = `Above\r\n${village.notes(owner)} beside\r\nBelow; CreatedBy=nobody`;
      village.edit(owner, village.named(owner, 'The plumber'), { personalNotes });
    }
    await village.audit();
    expect(village.writes() - written).toBe(0);
    village.edit(village.hub, village.named(village.hub, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    expect(village.stamp(ann).around).toBe(
      'Above\r\nKey under the mat\r\n beside\r\nBelow; CreatedBy=nobody',
    );
    expect(village.stamp(bob).around).toBe('Above\r\n beside\r\nBelow; CreatedBy=nobody');
    for (const owner of [ann, bob])
      expect(village.stamp(owner)).toMatchObject({
        createdBy: ann.userPrincipalName,
        by: village.hub.userPrincipalName,
      });
    expect(village.stamp(village.member(2)).around).toBe('');
  });

  test('brings a tag back that its owner took out, and nothing of what stands in its place', async () => {
    const [ann, bob, cem] = [village.member(0), village.member(1), village.member(2)];
    village.add(ann, PLUMBER);
    await village.start(STAMPING);
    const personalNotes = 'SyncId=;CreatedBy=my secret;LastUpdatedBy=my secret';
    village.edit(bob, village.named(bob, 'The plumber'), { personalNotes, jobTitle: 'Master plumber' });
    await village.audit();
    village.edit(cem, village.named(cem, 'The plumber'), { jobTitle: 'Retired' });
    await village.audit();
    expect(village.stamp(bob)).toMatchObject({
      createdBy: ann.userPrincipalName,
      around: `${personalNotes}\r\n`,
    });
    for (const owner of [village.hub, ann, cem]) expect(village.notes(owner)).not.toContain('secret');
  });
});

describe('notes are written over never', () => {
  test('that somebody writes at the same moment', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, PLUMBER);
    await village.start(STAMPING);
    village.before('patch', (operation) => {
      if (operation.kind !== 'patch' || operation.mailbox !== ann.id) return false;
      village.edit(ann, village.named(ann, 'The plumber'), { personalNotes: 'Written just now' });
      return true;
    });
    village.edit(bob, village.named(bob, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    await village.rest();
    expect(village.shown(ann, 'jobTitle')).toEqual(['Master plumber']);
    expect(village.stamp(ann).around).toBe('Written just now\r\n');
  });

  test('that are so long that nobody knows their end: the fields come, the tag does not', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    const personalNotes = 'x'.repeat(31_990);
    village.add(ann, { ...PLUMBER, personalNotes });
    await village.start(STAMPING);
    village.edit(bob, village.named(bob, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    expect(village.shown(ann, 'jobTitle')).toEqual(['Master plumber']);
    expect(village.notes(ann)).toBe(personalNotes);
    expect(village.stamp(bob).createdBy).toBe(ann.userPrincipalName);
  });
});
