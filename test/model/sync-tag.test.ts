import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  foreignSyncIds,
  stampedNotes,
  syncIdFor,
  tagIn,
  unstampedNotes,
  type Provenance,
  type Stamp,
} from '../../src/model/sync-tag.ts';

const ID = '0a1b2c3d-1111-2222-3333-444455556666';
const IDENTITY = 'fedcba9876543210';
const BOB = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const OWN = syncIdFor(IDENTITY);
const NOBODY: Provenance = { tag: null, isOriginal: false, editor: 'ann@contoso.com' };

function stamp(changes: Partial<Provenance> = {}, toOriginal = false): Stamp {
  const editedAt = Date.parse('2026-11-30T10:20:30.456Z');
  return { identity: IDENTITY, editedAt, toOriginal, provenance: { ...NOBODY, ...changes } };
}

const LAST = 'LastUpdatedAt=2026-11-30T10:20:30Z;LastUpdatedBy=ann@contoso.com';

describe('a tag', () => {
  test('is one line, as the script writes it: the text before it stays', () => {
    expect(stampedNotes('', stamp())).toBe(`SyncId=${OWN};${LAST}`);
    expect(stampedNotes('Key under the mat\n', stamp({ isOriginal: true }))).toBe(
      `Key under the mat\n\r\nSyncId=${OWN};CreatedBy=ann@contoso.com;${LAST}`,
    );
  });

  test('is replaced where it stands, and nothing beside it', () => {
    const before = `a SyncId = {${ID.toUpperCase()}} ; CreatedBy = Bob B. ;LastUpdatedAt=1 Jan 2026;LastUpdatedBy=x b;c=d\ne`;
    expect(stampedNotes(before, stamp())).toBe(`a SyncId=${ID};CreatedBy=Bob B.;${LAST} b;c=d\ne`);
    const attached = `SyncId=${ID};LastUpdatedBy=ann@contoso.com, since May. (And so on)`;
    expect(stampedNotes(attached, stamp())).toBe(`SyncId=${ID};${LAST}, since May. (And so on)`);
    // Of two the first counts, as for the script; the other is left as it is.
    const two = `SyncId=${ID};LastUpdatedBy=x\nSyncId=${OWN}`;
    expect(stampedNotes(two, stamp())).toBe(`SyncId=${ID};${LAST}\nSyncId=${OWN}`);
  });

  test.each<[string, Partial<Provenance> & { toOriginal?: true }, string]>([
    [
      "the script's id and who made it",
      { tag: { syncId: ID, createdBy: 'bob@contoso.com' } },
      `SyncId=${ID};CreatedBy=bob@contoso.com`,
    ],
    [
      'no id into an original, which has its own',
      { tag: { syncId: ID, createdBy: 'bob@contoso.com' }, toOriginal: true },
      `SyncId=${OWN};CreatedBy=bob@contoso.com`,
    ],
    ['an object id', { tag: { syncId: ID, createdBy: BOB } }, `SyncId=${ID};CreatedBy=${BOB}`],
    ['no other text', { tag: { syncId: OWN, createdBy: 'owes me lunch' } }, `SyncId=${OWN}`],
    [
      'no text behind an address',
      { tag: { syncId: OWN, createdBy: 'bob@contoso.com, owes me' } },
      `SyncId=${OWN}`,
    ],
    [
      'nothing of another contact of ours',
      { tag: { syncId: syncIdFor('another'), createdBy: 'bob@contoso.com' } },
      `SyncId=${OWN}`,
    ],
    ['no editor whose address would not be known again', { editor: 'änn@contoso.com' }, ''],
    ['nobody who made it from a copy', {}, `SyncId=${OWN}`],
    ['its owner from an original', { isOriginal: true }, `SyncId=${OWN};CreatedBy=ann@contoso.com`],
  ])('takes along from the newest edit: %s', (_what, { toOriginal, ...changes }, expected) => {
    expect(stampedNotes('', stamp(changes, toOriginal))).toBe(
      expected === '' ? `SyncId=${OWN};LastUpdatedAt=2026-11-30T10:20:30Z` : `${expected};${LAST}`,
    );
  });

  test('of another contact of ours, whose notes were copied, is written over', () => {
    const copied = `text\r\nSyncId=${syncIdFor('another')};CreatedBy=bob@contoso.com`;
    expect(stampedNotes(copied, stamp({ isOriginal: true }))).toBe(
      `text\r\nSyncId=${OWN};CreatedBy=ann@contoso.com;${LAST}`,
    );
  });

  test('goes into no notes that are too long, with it or before, and comes off none', () => {
    expect(stampedNotes('x'.repeat(31_700), stamp())).not.toBeNull();
    for (const length of [31_950, 32_001, 40_000])
      expect(stampedNotes('x'.repeat(length), stamp())).toBeNull();
    expect(unstampedNotes(`${'x'.repeat(32_000)}\r\nSyncId=${OWN}`, IDENTITY)).toBeNull();
  });
});

test('what is read of a tag is what the script reads', () => {
  expect(tagIn(`notes\nsyncid = ${ID}; createdby=Bob `)).toEqual({ syncId: ID, createdBy: 'Bob' });
  expect(tagIn(`SyncId=${ID}`)).toEqual({ syncId: ID, createdBy: null });
  expect(tagIn('SyncId=nothing;CreatedBy=Bob')).toBeNull();
  // Ours are no sign of whose a contact is.
  expect(foreignSyncIds(`SyncId=${OWN}\nSyncId=${ID.toUpperCase()}`)).toEqual([ID]);
});

describe('taking it off', () => {
  test('leaves what stands around it, and every tag but ours', () => {
    expect(unstampedNotes(`SyncId=${OWN};${LAST}`, IDENTITY)).toBe('');
    expect(unstampedNotes(`SyncId=${OWN};${LAST}\r\nbelow`, IDENTITY)).toBe('below');
    expect(unstampedNotes(`above\nSyncId=${OWN};${LAST}\nbelow`, IDENTITY)).toBe('above\nbelow');
    expect(unstampedNotes(`above\nSyncId=${OWN};${LAST} beside`, IDENTITY)).toBe('above\n beside');
    expect(unstampedNotes(`SyncId=${ID}\nSyncId=${OWN}`, IDENTITY)).toBe(`SyncId=${ID}`);
    for (const notes of ['', 'Nothing of ours', `SyncId=${ID}`, `SyncId=${syncIdFor('another')}`])
      expect(unstampedNotes(notes, IDENTITY)).toBeNull();
  });

  const line = fc.string({
    unit: fc.constantFrom('a', ' ', ';', '=', 'ü', 'CreatedBy=', '$&', '\n', '\r\n', 'SyncId='),
  });

  test('gives back every character, whatever was written into them and how often', () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 3 }), (notes, times) => {
        let written: string | null = notes;
        for (let time = 0; time < times; time += 1) written = stampedNotes(written ?? '', stamp());
        expect(written?.startsWith(notes)).toBe(true);
        expect(unstampedNotes(written ?? '', IDENTITY)).toBe(notes);
      }),
    );
  });

  test('what owners write before and behind a tag stays, whatever it is', () => {
    fc.assert(
      fc.property(line, line, (above, below) => {
        const notes = `${above}\n${stampedNotes('', stamp())}\n${below}`;
        const edit = { ...stamp(), editedAt: 0 };
        const written = stampedNotes(notes, edit);
        expect(written).toBe(`${above}\n${stampedNotes('', edit)}\n${below}`);
        expect(unstampedNotes(written ?? '', IDENTITY)).toBe(`${above}\n${below}`);
      }),
    );
  });
});

describe('notes that were written to take long', () => {
  const id = syncIdFor('sync');
  test.each([
    ['keys again and again', `SyncId=${id}${';CreatedBy=a'.repeat(2_000)} x`],
    ['blanks before each key', `SyncId=${id}${'   ;CreatedBy=a'.repeat(1_500)} x`],
    ['blanks behind a key', `SyncId=${id};CreatedBy=${' '.repeat(31_000)}x`],
    ['blanks behind the id', `SyncId=${id}${' '.repeat(31_000)}x`],
    ['ids again and again', `SyncId=${id};CreatedBy=a;`.repeat(400)],
    ['a million blanks', `SyncId=${id};CreatedBy=${' '.repeat(1_000_000)}x`],
  ])('%s are read and written at once', (_, notes) => {
    const began = performance.now();
    tagIn(notes);
    unstampedNotes(notes, 'sync');
    foreignSyncIds(notes);
    stampedNotes(notes, {
      identity: 'sync',
      provenance: { tag: null, isOriginal: true, editor: 'ann@contoso.example' },
      editedAt: 0,
      toOriginal: false,
    });
    // A way that tries every reading takes minutes, or for ever.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
