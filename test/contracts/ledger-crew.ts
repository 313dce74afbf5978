import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { existing } from './ledger-setup.ts';

const WORKER = { id: 'w1', role: 'worker', configuration: 'one', at: 1_795_000_000_000 } as const;

async function held(fresh: () => Promise<Ledger>) {
  const { leases } = await fresh();
  const token = existing(await leases.take('keeper', { holder: 'a', seen: null, at: 5 }));
  return { leases, token };
}

export function crewContract(fresh: () => Promise<Ledger>): void {
  describe('leases', () => {
    test('go to one of those who want them as they stand', async () => {
      const { leases } = await fresh();
      expect(await leases.read('keeper')).toBeNull();
      const wanted = (holder: string) => leases.take('keeper', { holder, seen: null, at: 1_795_000_000_000 });
      const tokens = await Promise.all(['a', 'b', 'c'].map(wanted));
      expect(tokens.filter((token) => token !== null)).toEqual([1]);
      const holder = ['a', 'b', 'c'][tokens.indexOf(1)];
      expect(await leases.read('keeper')).toEqual({ holder, token: 1, beat: 0, at: 1_795_000_000_000 });
      expect(await leases.read('another')).toBeNull();
    });

    test('that show a sign of life cannot be taken as they were seen before it', async () => {
      const { leases, token } = await held(fresh);
      const seen = await leases.read('keeper');
      expect(await leases.renew('keeper', token, 9)).toBe(true);
      expect(await leases.take('keeper', { holder: 'b', seen, at: 10 })).toBeNull();
      expect(await leases.read('keeper')).toMatchObject({ holder: 'a', beat: 1, at: 9 });
    });

    test('that were taken over are lost to the one before, whatever it still tries', async () => {
      const { leases, token } = await held(fresh);
      const seen = await leases.read('keeper');
      const later = existing(await leases.take('keeper', { holder: 'b', seen, at: 10 }));
      expect(later).toBeGreaterThan(token);
      expect(await leases.renew('keeper', token, 11)).toBe(false);
      await leases.release('keeper', token);
      expect(await leases.read('keeper')).toMatchObject({ holder: 'b', token: later });
      expect(await leases.renew('keeper', later, 12)).toBe(true);
    });

    test("that were given back are nobody's, and the next token is a higher one all the same", async () => {
      const { leases, token } = await held(fresh);
      await leases.release('keeper', token);
      const seen = existing(await leases.read('keeper'));
      expect(seen).toMatchObject({ holder: null, token });
      expect(await leases.renew('keeper', token, 9)).toBe(false);
      expect(await leases.take('keeper', { holder: 'b', seen, at: 10 })).toBe(token + 1);
    });

    test('of other names are others', async () => {
      const { leases, token } = await held(fresh);
      expect(await leases.take('move', { holder: 'b', seen: null, at: 6 })).toBe(1);
      expect(await leases.renew('keeper', token, 7)).toBe(true);
    });
  });

  describe('the crew', () => {
    test('is who was announced, each once, with ever new signs of life', async () => {
      const { crew } = await fresh();
      expect(await crew.all()).toEqual([]);
      await crew.announce({ ...WORKER, id: 'w2' });
      await crew.announce(WORKER);
      await crew.announce({ ...WORKER, role: 'keeper', configuration: 'two', at: 7 });
      expect(await crew.all()).toEqual([
        { id: 'w1', role: 'keeper', configuration: 'two', at: 7, beat: 1 },
        { ...WORKER, id: 'w2', beat: 0 },
      ]);
    });

    test('whoever was seen and has shown a sign since is not struck out', async () => {
      const { crew } = await fresh();
      await crew.announce(WORKER);
      await crew.announce(WORKER);
      await crew.leave('w1', 0);
      expect(await crew.all()).toHaveLength(1);
      await crew.leave('w1', 1);
      expect(await crew.all()).toEqual([]);
      await crew.announce(WORKER);
      await crew.leave('nobody');
      await crew.leave('w1');
      expect(await crew.all()).toEqual([]);
    });
  });
}
