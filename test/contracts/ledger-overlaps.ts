import { describe, expect, test } from 'vitest';
import type { MembershipRound } from '../../src/engine/ledger-books.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { TENANT } from './ledger-setup.ts';

const next = (token: string, since: string | null) => ({ token, at: 5, since });

/** Of one group, with a letter for each member. */
function round(joined: string, left: string, more: Partial<MembershipRound>): MembershipRound {
  return {
    tenant: TENANT,
    bundle: 'b',
    groups: ['A'],
    full: false,
    differences: [
      {
        group: 'A',
        gone: false,
        joined: Array.from(joined, (id) => ({ id, kind: 'person' as const })),
        left: Array.from(left),
      },
    ],
    token: 't',
    at: 1,
    ...more,
  };
}

/** What several processes do to one ledger at the same time. */
export function overlapsContract(fresh: () => Promise<Ledger>): void {
  describe('tokens of rounds that overlap', () => {
    test('are stored only over the one that the round began at', async () => {
      const { tokens } = await fresh();
      const first = ['a', 'b'].map((token) => tokens.advance(TENANT, 'users', next(token, null)));
      expect((await Promise.all(first)).filter(Boolean)).toHaveLength(1);
      const begun = (await tokens.read(TENANT, 'users'))?.current ?? '';
      expect(await tokens.replace(TENANT, 'users', next('night', begun))).toBe(true);
      expect(await tokens.replace(TENANT, 'users', next('late night', begun))).toBe(false);
      expect(await tokens.advance(TENANT, 'users', next('late', begun))).toBe(false);
      expect(await tokens.restart(TENANT, 'users', next('late round', begun))).toBe(false);
      expect(await tokens.restart(TENANT, 'users', next('later still', null))).toBe(false);
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'night', previous: begun, at: 5 });
      expect(await tokens.advance(TENANT, 'users', next('poll', 'night'))).toBe(true);
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'poll', previous: begun, at: 5 });
      expect(await tokens.restart(TENANT, 'users', next('round', 'poll'))).toBe(true);
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'round', previous: null, at: 5 });
      await tokens.forget(TENANT, 'users');
      expect(await tokens.advance(TENANT, 'users', next('orphan', 'round'))).toBe(false);
    });
  });

  test('members of a reading that began before another one ended are not stored over it', async () => {
    const { memberships, outbox, tokens } = await fresh();
    await memberships.track(TENANT, ['A'], 'group');
    const members = async () => {
      const found = await memberships.groupsOf(TENANT, ['a', 'b', 'c']);
      return [...found].flatMap(([id, groups]) => (groups.size > 0 ? [id] : [])).toSorted();
    };
    await memberships.apply(round('a', '', { full: true, since: null }));
    await memberships.apply(round('b', '', { token: 'newer', since: 't' }));
    const sent = (await outbox.read(10)).map(({ id }) => id);
    for (const late of [round('c', 'a', { since: 't' }), round('c', '', { full: true, since: null })])
      await expect(memberships.apply(late)).rejects.toMatchObject({ kind: 'lease-lost' });
    expect(await members()).toEqual(['a', 'b']);
    expect((await outbox.read(10)).map(({ id }) => id)).toEqual(sent);
    expect(await tokens.read(TENANT, 'b')).toMatchObject({ current: 'newer', previous: 't' });
    await memberships.apply(round('c', '', { token: 'newest', since: 'newer' }));
    expect(await members()).toEqual(['a', 'b', 'c']);
  });
}
