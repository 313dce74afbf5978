import { describe, expect, test } from 'vitest';
import type { GuardRequest } from '../../src/engine/guard-port.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { saveRoute, TENANT } from './ledger-setup.ts';

const HOUR = 60 * 60 * 1000;
const NOW = 1_795_000_000_000;

function ask(subjects: string, more: Partial<GuardRequest> = {}): GuardRequest {
  return {
    job: 'staff',
    kind: 'person',
    tenant: TENANT,
    subjects: subjects.split(''),
    limits: { count: 2, percent: 0 },
    scope: 100,
    now: NOW,
    ...more,
  };
}

const admitted = async (ledger: Ledger, request: GuardRequest) =>
  [...(await ledger.guard.admit(request))].join('');
const heldBy = async (ledger: Ledger, job?: string) =>
  (await ledger.guard.held(job))
    .map((one) => one.subject)
    .toSorted()
    .join('');

export function guardContract(fresh: () => Promise<Ledger>): void {
  describe('guard', () => {
    test('admits in the order asked, up to the count, and holds the rest', async () => {
      const ledger = await fresh();
      expect(await admitted(ledger, ask('cab'))).toBe('ca');
      expect(await ledger.guard.held()).toEqual([{ job: 'staff', kind: 'person', subject: 'b', since: NOW }]);
      expect(await admitted(ledger, ask('d'))).toBe('');
      expect(await heldBy(ledger)).toBe('bd');
    });

    test('admits up to the percentage when that is more', async () => {
      const ledger = await fresh();
      const limits = { count: 1, percent: 10 };
      expect(await admitted(ledger, ask('abcd', { limits, scope: 30 }))).toBe('abc');
      // Scope is what is left now; the three of today belong to it as before: 10 % of 27 + 3.
      expect(await admitted(ledger, ask('e', { limits, scope: 27 }))).toBe('');
      expect(await admitted(ledger, ask('f', { limits, scope: 37 }))).toBe('f');
    });

    test('counts over a rolling day', async () => {
      const ledger = await fresh();
      expect(await admitted(ledger, ask('a'))).toBe('a');
      expect(await admitted(ledger, ask('bc', { now: NOW + 12 * HOUR }))).toBe('b');
      expect(await admitted(ledger, ask('d', { now: NOW + 24 * HOUR - 1 }))).toBe('');
      expect(await admitted(ledger, ask('e', { now: NOW + 24 * HOUR }))).toBe('e');
      expect(await admitted(ledger, ask('f', { now: NOW + 25 * HOUR }))).toBe('');
    });

    test('a grace is given once, ends by itself, and is void for whoever is wanted again', async () => {
      const ledger = await fresh();
      const wish = { job: 'staff', kind: 'person' as const, tenant: TENANT, until: NOW + HOUR };
      const over = async (subjects: string, until = NOW + HOUR): Promise<string> =>
        [...(await ledger.guard.rest({ ...wish, subjects: subjects.split(''), until }))].toSorted().join('');
      expect(await over('ab')).toBe('');
      expect(await ledger.guard.resting('staff')).toBe(2);
      // Asked again, it does not begin anew; what rests is not held, and no approval ends it.
      expect(await over('ab', NOW + 9 * HOUR)).toBe('');
      expect(await heldBy(ledger)).toBe('');
      expect(await ledger.guard.approve(null, NOW)).toBe(0);
      expect(await ledger.guard.ripen(NOW + HOUR - 1)).toBe(0);
      await ledger.guard.release('staff', 'person', ['b']);
      expect(await ledger.guard.ripen(NOW + HOUR)).toBe(1);
      expect((await ledger.outbox.read(9)).map(({ id, cause }) => [id, cause])).toEqual([['a', 'command']]);
      expect(await ledger.guard.ripen(NOW + HOUR)).toBe(0);
      expect(await over('ab')).toBe('a');
      expect(await admitted(ledger, ask('a', { limits: { count: 0, percent: 0 } }))).toBe('');
      expect(await heldBy(ledger)).toBe('a');
    });

    test('counts jobs and kinds apart', async () => {
      const ledger = await fresh();
      expect(await admitted(ledger, ask('ab'))).toBe('ab');
      expect(await admitted(ledger, ask('ab', { kind: 'mailbox' }))).toBe('ab');
      expect(await admitted(ledger, ask('ab', { job: 'other' }))).toBe('ab');
      expect(await admitted(ledger, ask('c', { kind: 'mailbox' }))).toBe('');
      expect(await heldBy(ledger, 'other')).toBe('');
      expect(await heldBy(ledger, 'staff')).toBe('c');
    });

    test('does not count twice what was admitted or is held', async () => {
      const ledger = await fresh();
      expect(await admitted(ledger, ask('aabb'))).toBe('ab');
      expect(await admitted(ledger, ask('ab', { now: NOW + HOUR }))).toBe('ab');
      expect(await admitted(ledger, ask('c'))).toBe('');
      expect(await admitted(ledger, ask('c', { now: NOW + HOUR }))).toBe('');
      expect(await ledger.guard.held()).toMatchObject([{ subject: 'c', since: NOW }]);
    });

    test('holds until a person approves, however much time passes', async () => {
      const ledger = await fresh();
      await ledger.guard.admit(ask('abc'));
      const later = NOW + 72 * HOUR;
      await ledger.guard.forgetBefore(later);
      expect(await admitted(ledger, ask('c', { now: later }))).toBe('');
      expect(await admitted(ledger, ask('d', { now: later }))).toBe('d');
      expect(await heldBy(ledger)).toBe('c');
    });

    test('lets pass once what was approved, and counts it as done', async () => {
      const ledger = await fresh();
      const limits = { count: 0, percent: 0 };
      await ledger.guard.admit(ask('ab', { limits }));
      expect(await ledger.guard.approve('staff', NOW + 1)).toBe(2);
      expect(await heldBy(ledger)).toBe('');
      expect(await admitted(ledger, ask('abc', { now: NOW + HOUR, limits }))).toBe('ab');
      expect(await heldBy(ledger)).toBe('c');
      // Done counts like any other removal, and asking again within the day is the same removal ...
      expect(await admitted(ledger, ask('a', { now: NOW + 2 * HOUR, limits }))).toBe('a');
      expect(await admitted(ledger, ask('d', { now: NOW + 2 * HOUR }))).toBe('');
      // ... but a new one the day after.
      expect(await admitted(ledger, ask('a', { now: NOW + 30 * HOUR, limits }))).toBe('');
    });

    test('an approval lasts until it is used', async () => {
      const ledger = await fresh();
      await ledger.guard.admit(ask('abc'));
      await ledger.guard.approve(null, NOW);
      await ledger.guard.forgetBefore(NOW + 72 * HOUR);
      expect(
        await admitted(ledger, ask('c', { now: NOW + 72 * HOUR, limits: { count: 0, percent: 0 } })),
      ).toBe('c');
    });

    test('approves one job or all, with a command for every object', async () => {
      const ledger = await fresh();
      const limits = { count: 0, percent: 0 };
      await ledger.guard.admit(ask('ab', { limits }));
      await ledger.guard.admit(ask('bc', { limits, kind: 'mailbox' }));
      await ledger.guard.admit(ask('z', { limits, job: 'other' }));
      expect(await ledger.guard.approve('staff', NOW + 5)).toBe(4);
      expect(await heldBy(ledger)).toBe('z');
      const commands = await ledger.outbox.read(10);
      expect(commands.map((entry) => entry.id).toSorted()).toEqual(['a', 'b', 'c']);
      for (const entry of commands) {
        expect(entry).toMatchObject({ kind: 'user', tenant: TENANT, cause: 'command', at: NOW + 5 });
      }
      expect(await ledger.guard.approve(null, NOW + 6)).toBe(1);
      expect(await ledger.guard.approve(null, NOW + 7)).toBe(0);
      expect(await ledger.outbox.read(10)).toHaveLength(4);
    });

    test('releases who is wanted again: neither held nor approved, yet what was done stays counted', async () => {
      const ledger = await fresh();
      await ledger.guard.admit(ask('abcd'));
      await ledger.guard.release('staff', 'person', ['a', 'c', 'd']);
      await ledger.guard.release('staff', 'mailbox', ['c']);
      expect(await heldBy(ledger)).toBe('');
      expect(await admitted(ledger, ask('c'))).toBe('');
      await ledger.guard.approve(null, NOW);
      await ledger.guard.release('staff', 'person', ['c']);
      expect(await admitted(ledger, ask('c'))).toBe('');
    });

    describe('of a suspected source', () => {
      const suspicion = { job: 'staff', reason: 'groups shrank' as const, lost: 9, scope: 10, at: NOW - 1 };
      const suspected = async (): Promise<Ledger> => {
        const ledger = await fresh();
        await saveRoute(ledger);
        await ledger.guard.suspect(suspicion);
        return ledger;
      };

      test('holds every removal of the job, however few, and those of no other', async () => {
        const ledger = await suspected();
        expect(await ledger.guard.suspicions()).toEqual([suspicion]);
        expect(await admitted(ledger, ask('a'))).toBe('');
        expect(await admitted(ledger, ask('o', { kind: 'mailbox' }))).toBe('');
        expect(await admitted(ledger, ask('a', { job: 'other' }))).toBe('a');
        expect(await heldBy(ledger)).toBe('ao');
      });

      test('keeps when it began, and the latest reason', async () => {
        const ledger = await suspected();
        await ledger.guard.suspect({ ...suspicion, reason: 'group gone', lost: 10, at: NOW });
        expect(await ledger.guard.suspicions()).toEqual([{ ...suspicion, reason: 'group gone', lost: 10 }]);
      });

      test('lets pass once approved, the held ones and then what the limits allow', async () => {
        const ledger = await suspected();
        await ledger.guard.admit(ask('abcd'));
        await ledger.guard.approve('other', NOW);
        expect(await ledger.guard.suspicions()).toHaveLength(1);
        expect(await ledger.guard.approve('staff', NOW)).toBe(4);
        expect(await ledger.guard.suspicions()).toEqual([]);
        expect(await admitted(ledger, ask('abcd'))).toBe('abcd');
        expect(await admitted(ledger, ask('e'))).toBe('');
      });

      test('is over with the last of those it holds, and not before it held anybody', async () => {
        const ledger = await suspected();
        await ledger.guard.release('staff', 'person', ['x']);
        await ledger.guard.admit(ask('ab'));
        await ledger.guard.release('staff', 'person', ['a']);
        expect(await ledger.guard.suspicions()).toHaveLength(1);
        await ledger.guard.release('staff', 'person', ['b']);
        expect(await ledger.guard.suspicions()).toEqual([]);
      });

      test('is forgotten with time only when it holds nothing', async () => {
        const ledger = await suspected();
        await ledger.guard.admit(ask('a'));
        await ledger.guard.forgetBefore(NOW);
        expect(await ledger.guard.suspicions()).toHaveLength(1);
        await ledger.guard.suspect({ ...suspicion, job: 'other' });
        await ledger.guard.forgetBefore(NOW);
        expect((await ledger.guard.suspicions()).map(({ job }) => job)).toEqual(['staff']);
      });
    });

    test('forgets removals before a time, which then count no longer', async () => {
      const ledger = await fresh();
      await saveRoute(ledger);
      await ledger.guard.admit(ask('a'));
      await ledger.guard.admit(ask('b', { now: NOW + 1 }));
      await ledger.guard.forgetBefore(NOW + 1);
      expect(await admitted(ledger, ask('cd', { now: NOW + 2 }))).toBe('c');
    });
  });
}
