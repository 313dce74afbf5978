import { describe, expect, test } from 'vitest';
import { plan, type Comparison } from '../../src/engine/compare.ts';
import type { CardRecord, LinkRecord } from '../../src/engine/ledger-port.ts';

const NOW = 1_000_000;
const GATEWAY_MS = 120_000;

function card(changes: Partial<CardRecord> = {}): CardRecord {
  return {
    person: 1,
    identity: 'p',
    route: 1,
    fingerprint: 'new',
    revision: 2,
    fannedOut: 2,
    state: 'shown',
    photo: null,
    ...changes,
  };
}

function link(changes: Partial<LinkRecord> = {}): LinkRecord {
  return {
    person: 1,
    place: 1,
    item: 'item',
    origin: 'created',
    fingerprint: 'old',
    revision: 1,
    state: 'known',
    attempted: null,
    photo: null,
    ...changes,
  };
}

function settling(changes: Partial<LinkRecord> = {}): LinkRecord {
  return link({ state: 'settling', attempted: NOW - 10, revision: 2, ...changes });
}

function refused(changes: Partial<LinkRecord> = {}): LinkRecord {
  return link({ state: 'refused', revision: 2, ...changes });
}

function planOf(changes: Partial<Comparison>): string {
  const facts = {
    card: card(),
    link: null,
    wanted: true,
    now: NOW,
    lateness: { gatewayTimeoutMs: GATEWAY_MS, since: 0 },
  };
  const result = plan({ ...facts, ...changes });
  return 'item' in result ? `${result.kind} ${result.item}` : result.kind;
}

describe('without a link', () => {
  test.each([
    ['wanted', {}, 'create'],
    ['not wanted', { wanted: false }, 'nothing'],
  ])('%s', (_, facts, expected) => {
    expect(planOf(facts)).toBe(expected);
  });
});

describe('with a confirmed item', () => {
  test.each([
    ['at the revision', { link: link({ revision: 2 }) }, 'nothing'],
    ['behind', { link: link() }, 'patch item'],
    ['behind by number, equal in content (A -> B -> A)', { link: link({ fingerprint: 'new' }) }, 'confirm'],
    ['not wanted any more', { link: link({ revision: 2 }), wanted: false }, 'remove item'],
  ])('%s', (_, facts, expected) => {
    expect(planOf(facts)).toBe(expected);
  });
});

const released = (attempted: number) => link({ state: 'released', origin: 'linked', attempted });

describe('an original that was let go of, with an earlier write that nobody answered', () => {
  test.each([
    ['is left alone as long as that may arrive', { link: released(NOW - 10), wanted: false }, 'wait'],
    ['also when it is wanted again', { link: released(NOW - 10) }, 'wait'],
    ['is looked at when it no longer can', { link: released(NOW - GATEWAY_MS), wanted: false }, 'find'],
    ['is looked at before another is made', { link: released(NOW - GATEWAY_MS) }, 'find'],
  ])('%s', (_, facts, expected) => {
    expect(planOf(facts)).toBe(expected);
  });
});

describe('the picture', () => {
  const right = { revision: 2, fingerprint: 'new' };
  test.each([
    ['of another is written', link({ ...right, photo: 'old' }), 'picture item'],
    ['that is not there yet is written', link(right), 'picture item'],
    ['comes after the fields', link({ photo: 'old' }), 'patch item'],
    ['that is right asks for nothing', link({ ...right, photo: 'new' }), 'nothing'],
    ['waits for what may be applied late', settling(), 'wait'],
  ])('%s', (_, have, expected) => {
    expect(planOf({ card: card({ photo: 'new' }), link: have })).toBe(expected);
  });
  test('may be there without our knowing: it is looked for where none is to be', () => {
    const unseen = link({ ...right, photo: '' });
    expect(planOf({ link: unseen })).toBe('look-at-picture item');
    expect(planOf({ link: { ...unseen, origin: 'linked' } })).toBe('confirm');
    expect(planOf({ card: card({ photo: 'new' }), link: unseen })).toBe('picture item');
  });
  test('cannot be taken away: the contact is made anew, but never one that was adopted', () => {
    expect(planOf({ link: link({ ...right, photo: 'old' }) })).toBe('remove item');
    expect(planOf({ link: link({ ...right, photo: 'old', origin: 'linked' }) })).toBe('confirm');
    expect(planOf({ link: link({ photo: 'old', origin: 'linked' }) })).toBe('patch item');
  });
});

describe('an original of which nobody has seen that it bears our mark', () => {
  const matched = { origin: 'linked', fingerprint: null, revision: 0 } as const;
  test.each([
    ['is looked at before it is let go of', link(matched), 'find'],
    ['also where the mark may be on its way', link({ ...matched, state: 'patching', attempted: 1 }), 'find'],
    ['also where it was refused', refused(matched), 'find'],
    ['also where it was being let go of before', link({ ...matched, state: 'removing' }), 'find'],
    ['and let go of where it was seen', link({ ...matched, fingerprint: 'old' }), 'remove item'],
  ])('%s', (_, have, expected) => {
    expect(planOf({ link: have, wanted: false })).toBe(expected);
  });
  test('is written where it is wanted', () => {
    expect(planOf({ link: link(matched) })).toBe('patch item');
  });
});

describe('after a write whose outcome is unknown', () => {
  const attempted = NOW - 10;
  test.each([
    ['a create is looked up', { link: link({ state: 'creating', item: null, attempted }) }, 'find'],
    [
      'also when it is not wanted any more',
      { link: link({ state: 'creating', item: null, attempted }), wanted: false },
      'find',
    ],
    ['a patch is sent again', { link: link({ state: 'patching', attempted }) }, 'patch item'],
    [
      'a patch that met no item is looked up',
      { link: link({ state: 'patching', item: null, attempted }) },
      'find',
    ],
    [
      'a removal is sent again',
      { link: link({ state: 'removing', attempted }), wanted: false },
      'remove item',
    ],
    [
      'the mark that is taken off an original is looked for',
      { link: link({ state: 'removing', origin: 'linked', attempted }), wanted: false },
      'find',
    ],
    ['a removal that is regretted is looked up', { link: link({ state: 'removing', attempted }) }, 'find'],
  ] as const)('%s', (_, facts, expected) => {
    expect(planOf(facts)).toBe(expected);
  });
});

describe('while an earlier write may still be applied late', () => {
  test('what is right waits, and is looked at once more when it no longer can', () => {
    const facts = {
      card: card(),
      link: settling(),
      wanted: true,
      now: NOW,
      lateness: { gatewayTimeoutMs: GATEWAY_MS, since: 0 },
    };
    expect(plan(facts)).toEqual({ kind: 'wait', until: NOW - 10 + GATEWAY_MS });
    expect(plan({ ...facts, now: NOW - 10 + GATEWAY_MS })).toEqual({ kind: 'find' });
  });
  test('a newer revision does not wait', () =>
    expect(planOf({ link: settling({ revision: 1 }) })).toBe('patch item'));
  test('nor does a removal', () => expect(planOf({ link: settling(), wanted: false })).toBe('remove item'));
});

describe('what the service refused for good', () => {
  test('is left alone at the same revision', () => expect(planOf({ link: refused() })).toBe('nothing'));
  test('is tried again with the next one', () =>
    expect(planOf({ link: refused({ revision: 1 }) })).toBe('patch item'));
  test('is made anew when it never was', () =>
    expect(planOf({ link: refused({ revision: 1, item: null }) })).toBe('create'));
  test('is removed when not wanted', () =>
    expect(planOf({ link: refused(), wanted: false })).toBe('remove item'));
  test('is forgotten when there is nothing to remove', () =>
    expect(planOf({ link: refused({ item: null }), wanted: false })).toBe('forget'));
});
