import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Needs } from '../../src/engine/needs.ts';
import type { Operation } from '../../src/engine/ports.ts';
import { TENANT } from '../bench/service.ts';
import type { User } from '../tenant/directory/objects.ts';
import { total } from '../tenant/counts.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { PLUMBER, Village } from './village.ts';

const STAMPING = { stampNotes: true } as const;
const TAG =
  /SyncId=([0-9a-f-]{36})(?:;CreatedBy=([^;\s]+))?;LastUpdatedAt=([\dT:-]+Z);LastUpdatedBy=([^;\s]+)/g;
const SCRIPT_ID = '0a1b2c3d-1111-2222-3333-444455556666';

let village: Village;
beforeEach(() => {
  village = new Village();
});
afterEach(() => village.close());

const notesOf = (owner: User, name = 'The plumber'): string =>
  String(village.named(owner, name).content.fields['personalNotes'] ?? '');

/** The one tag in the notes of somebody's contact, and what stands around it. */
function stampOf(owner: User, name?: string) {
  const notes = notesOf(owner, name);
  const found = [...notes.matchAll(TAG)];
  const [tag] = found;
  if (!tag || found.length > 1) throw new Error(`${found.length} tags in: ${notes}`);
  const [, syncId, createdBy, at = '', by] = tag;
  return { syncId, createdBy, at: Date.parse(at), by, around: notes.replace(tag[0], '') };
}

async function revert(): Promise<void> {
  const { ledger } = village.service.assembly.needs;
  const scope = { kind: 'job', name: 'shared' } as const;
  await ledger.halts.set({ scope, mode: 'reverting', since: village.clock.now() });
  await village.rest();
  await village.rest();
}

/** Something that happens once, at the moment when the first of these operations is on its way. */
function before(kind: Operation['kind'], happens: (operation: Operation) => boolean): void {
  const targets: Needs['targets'] = village.service.assembly.needs.targets;
  const target = targets.get(TENANT);
  if (!target) throw new Error('No target is wired.');
  const apply = target.apply.bind(target);
  let isDone = false;
  target.apply = (operations, urgency) => {
    isDone ||= operations.some((operation) => operation.kind === kind && happens(operation));
    return apply(operations, urgency);
  };
}

describe('a contact that is shared', () => {
  test('bears one tag in every mailbox; what its owner wrote about it stays, and with its owner', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat\r\n\r\nOwes me lunch' });
    village.add(bob, { ...PLUMBER, personalNotes: 'Never on time' });
    await village.start(STAMPING);
    const stamps = village.all().map((owner) => stampOf(owner));
    expect(new Set(stamps.map(({ syncId }) => syncId)).size).toBe(1);
    const by = new Set([ann.userPrincipalName, bob.userPrincipalName]);
    for (const { createdBy, by: editor } of stamps) {
      expect(by).toContain(createdBy);
      expect(editor).toBe(createdBy);
    }
    expect(village.all().map((owner) => stampOf(owner).around)).toEqual([
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
      village = new Village();
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
    expect(village.all().map((owner) => notesOf(owner))).toEqual(['', 'Key under the mat', '', '']);
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
    const first = stampOf(ann);
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
        const { syncId, createdBy, at, by } = stampOf(owner);
        expect({ syncId, createdBy, at, by }).toEqual({
          syncId: first.syncId,
          createdBy: ann.userPrincipalName,
          at: editedAt,
          by: editor.userPrincipalName,
        });
        expect(village.shown(owner, 'jobTitle')).toEqual([jobTitle]);
      }
      expect(stampOf(ann).around).toBe('Key under the mat\r\n');
    }
  });

  test('leaves what owners write around the tag, and what they write there is no edit', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const written = village.writes();
    for (const owner of [ann, bob]) {
      const personalNotes = `Above\r\n${notesOf(owner)} beside\r\nBelow; CreatedBy=nobody`;
      village.edit(owner, village.named(owner, 'The plumber'), { personalNotes });
    }
    await village.audit();
    expect(village.writes() - written).toBe(0);
    village.edit(village.hub, village.named(village.hub, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    expect(stampOf(ann).around).toBe('Above\r\nKey under the mat\r\n beside\r\nBelow; CreatedBy=nobody');
    expect(stampOf(bob).around).toBe('Above\r\n beside\r\nBelow; CreatedBy=nobody');
    for (const owner of [ann, bob])
      expect(stampOf(owner)).toMatchObject({
        createdBy: ann.userPrincipalName,
        by: village.hub.userPrincipalName,
      });
    expect(stampOf(village.member(2)).around).toBe('');
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
    expect(stampOf(bob)).toMatchObject({ createdBy: ann.userPrincipalName, around: `${personalNotes}\r\n` });
    for (const owner of [village.hub, ann, cem]) expect(notesOf(owner)).not.toContain('secret');
  });
});

describe('notes are written over never', () => {
  test('that somebody writes at the same moment', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, PLUMBER);
    await village.start(STAMPING);
    before('patch', (operation) => {
      if (operation.kind !== 'patch' || operation.mailbox !== ann.id) return false;
      village.edit(ann, village.named(ann, 'The plumber'), { personalNotes: 'Written just now' });
      return true;
    });
    village.edit(bob, village.named(bob, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    await village.rest();
    expect(village.shown(ann, 'jobTitle')).toEqual(['Master plumber']);
    expect(stampOf(ann).around).toBe('Written just now\r\n');
  });

  test('that are so long that nobody knows their end: the fields come, the tag does not', async () => {
    const [ann, bob] = [village.member(0), village.member(1)];
    const personalNotes = 'x'.repeat(31_990);
    village.add(ann, { ...PLUMBER, personalNotes });
    await village.start(STAMPING);
    village.edit(bob, village.named(bob, 'The plumber'), { jobTitle: 'Master plumber' });
    await village.audit();
    expect(village.shown(ann, 'jobTitle')).toEqual(['Master plumber']);
    expect(notesOf(ann)).toBe(personalNotes);
    expect(stampOf(bob).createdBy).toBe(ann.userPrincipalName);
  });
});

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
      const { syncId, createdBy } = stampOf(owner);
      expect({ syncId, createdBy }).toEqual({ syncId: SCRIPT_ID, createdBy: 'founder@fabrikam.example' });
    }
    for (const owner of [ann, bob]) expect(stampOf(owner).around).toBe(`${owner.id} wrote this\r\n`);
    // What was there before us stays.
    await revert();
    for (const owner of [ann, bob]) expect(stampOf(owner)).toMatchObject({ syncId: SCRIPT_ID });
    expect(village.shown(cem)).toEqual([]);
  });
});

describe('whoever copies a contact with its tag, to make another of it,', () => {
  test('has two contacts, each with an id of its own', async () => {
    await village.close();
    village = new Village({ switches: { copyKeepsMarks: false } });
    const [ann, bob] = [village.member(0), village.member(1)];
    village.add(ann, { ...PLUMBER, personalNotes: 'Key under the mat' });
    await village.start(STAMPING);
    const copy = village.tenant.mailboxes.copyContact(bob.id, village.named(bob, 'The plumber'));
    const emailAddresses = [{ name: 'The brother', address: 'brother@fabrikam.example' }];
    village.edit(bob, copy, { displayName: 'The brother', emailAddresses });
    await village.audit();
    for (const owner of village.all()) {
      expect(village.shown(owner)).toEqual(['The brother', 'The plumber']);
      expect(stampOf(owner, 'The brother')).toMatchObject({ createdBy: bob.userPrincipalName });
      expect(stampOf(owner, 'The brother').syncId).not.toBe(stampOf(owner).syncId);
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
    const personalNotes = `${notesOf(ann)}\r\nAdded later`;
    village.edit(ann, village.named(ann, 'The plumber'), { personalNotes });
    await revert();
    expect(notesOf(ann)).toBe(`${NOTES}\r\nAdded later`);
    expect(notesOf(ann, 'The baker')).toBe('');
    expect(markOf(village.named(ann, 'The plumber').content) ?? '').not.toMatch(/shared/);
    for (const owner of [village.member(1), village.member(2)]) expect(village.shown(owner)).toEqual([]);
  });

  test('also from notes that somebody writes at the same moment', async () => {
    const ann = village.member(0);
    village.add(ann, { ...PLUMBER, personalNotes: NOTES });
    await village.start(STAMPING);
    let at = 0;
    before('unstamp', () => {
      at = village.clock.now();
      // Between the look and the write.
      void village.clock.sleep(30).then(() => {
        const personalNotes = `${notesOf(ann)}\r\nAdded later`;
        village.edit(ann, village.named(ann, 'The plumber'), { personalNotes });
      });
      return true;
    });
    await revert();
    expect(at).toBeGreaterThan(0);
    expect(notesOf(ann)).toBe(`${NOTES}\r\nAdded later`);
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
    expect(notesOf(ann)).toBe(NOTES);
  });
});
