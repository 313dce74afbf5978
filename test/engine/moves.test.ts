import { describe, expect, test } from 'vitest';
import type { CardRecord, LinkRecord, PlaceRecord } from '../../src/engine/ledger-port.ts';
import { judgeMove } from '../../src/engine/moves.ts';
import type { Peeked } from '../../src/engine/peek.ts';
import type { SharedItem } from '../../src/engine/shared-port.ts';

const needs = { fingerprint: (card: object) => JSON.stringify(card), digest: () => 'd' };
const CARD = { displayName: 'The plumber' };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of each as a move asks for.
const PEEKED = {
  place: { place: 7, folder: 'standing:own>beside' } as PlaceRecord,
  card: { identity: 'id-a', fingerprint: needs.fingerprint(CARD) } as CardRecord,
  link: { item: 'a', attempted: null, fingerprint: needs.fingerprint(CARD) } as LinkRecord,
  newest: undefined,
  route: {
    shares: { updates: true, isPrivate: ({ sensitivity }: { sensitivity: number }) => sensitivity > 0 },
  },
} as unknown as Peeked;

const FOUND: SharedItem = {
  item: 'a',
  card: CARD,
  folder: 'own',
  mark: { identity: 'id-a', origin: 'created' },
  shown: null,
  modified: 20,
  intimacy: { sensitivity: 0, categories: [] },
  tags: [],
  notes: '',
  version: 'v',
};
const NEWEST = { identity: 'id-a', place: 7, owner: 'o', folder: null, item: 'a', editedAt: 10 };
const EDITED = { displayName: 'The master plumber' };

function judged(found: Partial<SharedItem> | null, peeked: Partial<Peeked> = {}): string {
  return judgeMove(needs, { ...PEEKED, ...peeked }, found === null ? undefined : { ...FOUND, ...found }).kind;
}

describe('a copy that stands in the wrong folder', () => {
  test('goes where nothing of it is lost', () => {
    expect(judged({})).toBe('goes');
    expect(
      judged({ notes: 'SyncId=0b1c2d3e-0000-4000-8000-000000000000;LastUpdatedAt=2026-01-01T00:00:00Z' }),
    ).toBe('goes');
  });

  test('stays where its owner has put something of their own into it', () => {
    expect(judged({ notes: 'call before noon' })).toBe('stays');
    expect(judged({ notes: null })).toBe('stays');
    expect(judged({ intimacy: { sensitivity: 0, categories: ['House'] } })).toBe('stays');
    expect(judged({ mark: { identity: 'id-a', origin: 'linked' } })).toBe('stays');
    // Or where it is right already.
    expect(judged({ folder: 'beside' })).toBe('stays');
  });

  test('is the newest edit, or an edit that nobody has seen: that is told first', () => {
    expect(judged({}, { newest: NEWEST })).toBe('newest');
    expect(judged({ card: EDITED }, { newest: NEWEST })).toBe('stale');
    expect(judged({ card: EDITED })).toBe('edited');
    const shares = { ...PEEKED.route.shares, updates: false };
    expect(judged({ card: EDITED }, { route: { ...PEEKED.route, shares } })).toBe('stays');
  });

  test('was removed by us, or by its owner, or is private by now', () => {
    expect(judged(null)).toBe('elsewhere');
    expect(judged(null, { link: { ...PEEKED.link, attempted: 5 } })).toBe('gone');
    expect(judged({ mark: null })).toBe('elsewhere');
    expect(judged({ mark: 'foreign' })).toBe('elsewhere');
    expect(judged({ intimacy: { sensitivity: 2, categories: [] } })).toBe('elsewhere');
  });
});
