import { describe, expect, test } from 'vitest';
import { judge, type Observation } from '../../src/engine/drift.ts';
import type { CardRecord, LinkRecord, Pair } from '../../src/engine/ledger-port.ts';

const NOTHING: Observation = { ours: [], right: new Set(), gone: new Set(), complete: false };
const NONE = { missing: 0, changed: 0, extra: 0, folder: false };

function pair(link: Partial<LinkRecord> | null = {}, card: Partial<CardRecord> = {}): Pair {
  return {
    card: {
      person: 1,
      identity: 'ann',
      route: 1,
      fingerprint: 'wanted',
      revision: 3,
      fannedOut: 3,
      state: 'shown',
      photo: null,
      ...card,
    },
    link: link && {
      person: 1,
      place: 1,
      item: 'a',
      origin: 'created',
      fingerprint: 'written',
      revision: 3,
      state: 'known',
      attempted: null,
      photo: null,
      ...link,
    },
  };
}

const seen = (item: string, fingerprint: string, identity = 'ann') => ({
  item,
  identity,
  fingerprint,
  origin: 'created' as const,
});

describe('what was seen of a place', () => {
  test('is no drift when it is what was written, also where Exchange made something else of it', () => {
    for (const complete of [true, false]) {
      const verdict = judge([pair()], { ...NOTHING, complete, ours: [seen('a', 'written')] }, new Map());
      expect(verdict).toEqual({ drift: NONE, links: [], healings: [], isStrange: false });
      const { drift } = judge([pair()], { ...NOTHING, complete, right: new Set(['a']) }, new Map());
      expect(drift).toEqual(NONE);
    }
  });

  test('lacks what is gone, and what a look at everything did not show', () => {
    const lost = { ...pair().link, item: null, revision: 0 };
    for (const observation of [
      { ...NOTHING, gone: new Set(['a']) },
      { ...NOTHING, complete: true },
    ]) {
      const { drift, links } = judge([pair()], observation, new Map());
      expect(drift).toEqual({ ...NONE, missing: 1 });
      expect(links).toEqual([lost]);
    }
    expect(judge([pair()], NOTHING, new Map()).drift).toEqual(NONE);
    const adopted = pair({ origin: 'linked' });
    expect(judge([adopted], { ...NOTHING, complete: true }, new Map()).drift).toEqual(NONE);
    expect(judge([adopted], { ...NOTHING, gone: new Set(['a']) }, new Map()).drift.missing).toBe(1);
  });

  test('differs at most twice under one revision: then it is accepted', () => {
    const observation = { ...NOTHING, ours: [seen('a', 'edited')] };
    const after = (times: number, revision = 3) =>
      judge([pair()], observation, new Map([[1, { person: 1, revision, times }]]));
    expect(after(1)).toMatchObject({
      drift: { ...NONE, changed: 1 },
      links: [{ fingerprint: 'edited', revision: 0 }],
      healings: [{ person: 1, revision: 3, times: 2 }],
    });
    expect(after(2)).toMatchObject({
      drift: NONE,
      links: [{ fingerprint: 'edited', revision: 3 }],
      healings: [{ times: 3 }],
    });
    expect(after(9, 2)).toMatchObject({ drift: { ...NONE, changed: 1 }, healings: [{ times: 1 }] });
  });

  test('shows copies of a mark: the linked item stays, also when it is gone or changed itself', () => {
    const copy = seen('copy', 'written');
    const all = { ...NOTHING, ours: [seen('a', 'edited'), copy] };
    expect(judge([pair()], all, new Map())).toMatchObject({
      drift: { ...NONE, changed: 1, extra: 1 },
      links: [{ item: 'a', fingerprint: 'edited', revision: 0, state: 'settling', attempted: 0 }],
    });
    const onlyCopy = { ...NOTHING, ours: [copy], gone: new Set(['a']) };
    expect(judge([pair()], onlyCopy, new Map())).toMatchObject({
      drift: { ...NONE, missing: 1, extra: 1 },
      links: [{ item: null, state: 'settling' }],
    });
  });

  test('remembers copies of what is to be written, held or leaving, and judges nothing else of it', () => {
    const observation = { ...NOTHING, complete: true, ours: [seen('copy', 'edited')] };
    for (const one of [pair({ revision: 0 }), pair({}, { state: 'held' }), pair({}, { state: 'gone' })]) {
      const links = [{ ...one.link, state: 'settling', attempted: 0 }];
      const verdict = judge([one], observation, new Map());
      expect(verdict).toEqual({ drift: { ...NONE, extra: 1 }, links, healings: [], isStrange: false });
      expect(judge([one], { ...observation, ours: [] }, new Map()).links).toEqual([]);
    }
  });

  test('heals what an owner made of somebody who is held, and does not bring them back where they are gone', () => {
    const held = pair({}, { state: 'held' });
    const edited = { ...NOTHING, complete: true, ours: [seen('a', 'edited')] };
    expect(judge([held], edited, new Map())).toMatchObject({
      drift: { changed: 1 },
      links: [{ revision: 0 }],
    });
    expect(judge([held], { ...NOTHING, complete: true }, new Map())).toMatchObject({
      drift: NONE,
      links: [],
    });
    // Who cannot be read any more has nothing to be healed with.
    const unread = pair({}, { state: 'held', fingerprint: '' });
    expect(judge([unread], edited, new Map())).toMatchObject({ drift: NONE, links: [] });
  });

  test('says nothing about what is under way', () => {
    const observation = { ...NOTHING, complete: true, ours: [seen('copy', 'edited')] };
    const busy: Pair[] = [
      pair({ state: 'patching' }),
      pair({ state: 'creating', item: null }),
      pair({ state: 'refused' }),
    ];
    for (const one of busy) {
      const verdict = judge([one], observation, new Map());
      expect(verdict).toEqual({ drift: NONE, links: [], healings: [], isStrange: false });
    }
  });

  test('is strange where an item of ours is nobody’s', () => {
    const observation = { ...NOTHING, ours: [seen('b', 'x', 'somebody else')] };
    expect(judge([pair()], observation, new Map()).isStrange).toBe(true);
  });
});
