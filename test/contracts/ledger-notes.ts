import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { TENANT } from './ledger-setup.ts';

const event = (at: number) =>
  ({ at, scope: 'mailbox', pool: 'ApplicationThrottled', status: 429, waitMs: 2_128 }) as const;

export function notesContract(fresh: () => Promise<Ledger>): void {
  describe('tokens', () => {
    test('remember the one before', async () => {
      const { tokens } = await fresh();
      expect(await tokens.read(TENANT, 'users')).toBeNull();
      await tokens.replace(TENANT, 'users', { token: 'one', at: 1 });
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'one', previous: null, at: 1 });
      await tokens.replace(TENANT, 'users', { token: 'two', at: 2 });
      await tokens.replace(TENANT, 'users', { token: 'three', at: 3 });
      await tokens.replace('fabrikam', 'users', { token: 'theirs', at: 4 });
      await tokens.replace(TENANT, 'groups', { token: 'others', at: 5 });
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'three', previous: 'two', at: 3 });
      await tokens.advance(TENANT, 'users', { token: 'four', at: 6 });
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'four', previous: 'two', at: 6 });
      await tokens.forget(TENANT, 'users');
      expect(await tokens.read(TENANT, 'users')).toBeNull();
      await tokens.advance(TENANT, 'users', { token: 'five', at: 7 });
      expect(await tokens.read(TENANT, 'users')).toEqual({ current: 'five', previous: null, at: 7 });
      expect(await tokens.read('fabrikam', 'users')).toMatchObject({ current: 'theirs' });
      expect(await tokens.read(TENANT, 'groups')).toMatchObject({ current: 'others' });
    });
  });

  describe('subscriptions', () => {
    test('are saved, replaced and forgotten by tenant and id', async () => {
      const { subscriptions } = await fresh();
      const one = {
        id: 's1',
        resource: 'users',
        notificationUrl: 'https://sync.example/n',
        expires: 7,
        nonce: 'n1',
      };
      const two = { ...one, id: 's2', resource: 'groups' };
      await subscriptions.save(TENANT, two);
      await subscriptions.save(TENANT, one);
      await subscriptions.save('fabrikam', one);
      const renewed = { ...one, expires: 99, nonce: 'n2', notificationUrl: 'https://sync.example/m' };
      await subscriptions.save(TENANT, renewed);
      expect(await subscriptions.all(TENANT)).toEqual([renewed, two]);
      await subscriptions.forget(TENANT, 's1');
      expect(await subscriptions.all(TENANT)).toEqual([two]);
      expect(await subscriptions.all('fabrikam')).toEqual([one]);
    });
  });

  describe('counters', () => {
    test('add, set and read', async () => {
      const { counters } = await fresh();
      expect(await counters.read('found by sweep')).toBe(0);
      await counters.add('found by sweep', 2);
      await counters.add('found by sweep', 3);
      await counters.add('other', 1);
      expect(await counters.read('found by sweep')).toBe(5);
      await counters.set('found by sweep', 1_795_000_000_000);
      expect(await counters.read('found by sweep')).toBe(1_795_000_000_000);
    });
  });

  describe('throttles', () => {
    test('the newest of each tenant are kept, newest first', async () => {
      const { throttles } = await fresh();
      const silent = { at: 9, scope: 'tenant', pool: 'not named', status: 503, waitMs: null } as const;
      expect(await throttles.recent(TENANT)).toEqual([]);
      await throttles.keep(TENANT, [], 3);
      await throttles.keep(TENANT, [event(1), event(2)], 3);
      await throttles.keep('fabrikam', [event(5)], 3);
      await throttles.keep(TENANT, [event(3), silent], 3);
      expect(await throttles.recent(TENANT)).toEqual([silent, event(3), event(2)]);
      expect(await throttles.recent('fabrikam')).toEqual([event(5)]);
    });
  });

  describe('outbox', () => {
    test('gives the oldest first, and its numbers are used once', async () => {
      const { memberships, outbox } = await fresh();
      const put = async (people: string) => {
        const joined = people.split('').map((id) => ({ id, kind: 'person' as const }));
        await memberships.track(TENANT, ['A'], 'group');
        const differences = [{ group: 'A', gone: false, joined, left: [] }];
        await memberships.apply({
          tenant: TENANT,
          bundle: 'b',
          groups: ['A'],
          full: true,
          differences,
          token: 't',
          at: 1,
        });
      };
      await put('a');
      await put('abc');
      const all = await outbox.read(10);
      expect(all.map((entry) => entry.id)).toEqual(['a', 'b', 'c']);
      expect(await outbox.read(2)).toEqual(all.slice(0, 2));
      await outbox.sent(all.map((entry) => entry.entry));
      await outbox.sent([]);
      expect(await outbox.read(10)).toEqual([]);
      await put('abcd');
      // A late "sent" of the entries before must not take this one with it.
      await outbox.sent(all.map((entry) => entry.entry));
      expect((await outbox.read(10)).map((entry) => entry.id)).toEqual(['d']);
    });
  });
}
