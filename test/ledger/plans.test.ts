import SqliteDatabase, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { seen } from '../../src/engine/seen.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { existing, join, linkTo, print, saveRoute, show, TENANT } from '../contracts/ledger-setup.ts';

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** Tables that grow with people and mailboxes. */
const LARGE = /^SCAN (c|p|l|m|t|cards|people|links|members|mailboxes)\b/;

/** Plans of every statement that a call executes. */
function planned(database: Database): { plans: Map<string, Step[]>; watched: Database } {
  const plans = new Map<string, Step[]>();
  const watched = new Proxy(database, {
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'prepare') return value.bind(target) as unknown;
      return (text: string) => {
        if (/^(select|with|insert|update|delete)/.test(text)) {
          const parameters = Array.from(text.matchAll(/\?/g), () => '[]');
          plans.set(text, target.prepare<string[], Step>(`explain query plan ${text}`).all(...parameters));
        }
        return target.prepare(text);
      };
    },
  });
  return { plans, watched };
}

async function exercise(ledger: Ledger): Promise<void> {
  const route = await saveRoute(ledger);
  const place = await join(ledger, route, 'owner');
  const cards = await show(ledger, route, ['ann', 'bob']);
  const link = linkTo(existing(cards[0]), place);
  await ledger.cards.of(TENANT, ['ann']);
  await ledger.cards.fannedOut(cards);
  await ledger.links.save({
    put: [link],
    drop: [link],
    moved: [link],
    bump: { tenant: TENANT, slab: 0 },
  });
  await ledger.links.inSlab(TENANT, 0, ['ann']);
  await ledger.links.ofPerson(TENANT, 'ann');
  await ledger.keptOut.among(TENANT, ['ann']);
  await ledger.links.pending(place.place, 0, 20);
  await ledger.links.ofPlace(place.place, 0, 20);
  await ledger.links.rebuild(place, [
    { identity: 'cem', item: 'x', origin: 'created', fingerprint: print(1) },
  ]);
  await ledger.mailboxes.of(TENANT, ['owner']);
  await ledger.mailboxes.wait(TENANT, [{ owner: 'owner', until: 1 }]);
  await ledger.mailboxes.resting(TENANT, ['owner'], 0);
  await ledger.places.update([{ ...seen(place), dirty: true }]);
  await ledger.places.restart([place.place], 'folder');
  await ledger.memberships.groupsOf(TENANT, ['ann']);
  await ledger.memberships.track(TENANT, ['G'], 'group');
  const joined = [
    { id: 'ann', kind: 'person' as const },
    { id: 'H', kind: 'group' as const },
  ];
  const round = { tenant: TENANT, bundle: 'b', groups: ['G'], full: false, token: 't', at: 1 };
  await ledger.memberships.apply({
    ...round,
    differences: [{ group: 'G', gone: false, joined, left: ['bob'] }],
  });
  await ledger.memberships.apply({
    ...round,
    differences: [{ group: 'G', gone: false, joined: [], left: ['ann'] }],
  });
}

test('a list of names leads to its rows: nothing walks everybody to find a few', async () => {
  const { plans, watched } = planned(new SqliteDatabase(':memory:'));
  const ledger = await openLedger({ database: watched });
  plans.clear();
  await exercise(ledger);
  expect(plans.size).toBeGreaterThan(30);
  let lists = 0;
  for (const [text, steps] of plans) {
    for (const step of steps) expect(LARGE.test(step.detail), `${text}\n${step.detail}`).toBe(false);
    for (const list of steps.filter((step) => step.detail.startsWith('SCAN json_each'))) {
      lists++;
      // Whatever is joined with a list comes after it; an `in` list is a step of its own.
      const before = steps.filter((step) => step.parent === list.parent && step.id < list.id);
      const walks = before.filter(
        (step) => /^(SEARCH|SCAN) /.test(step.detail) && !step.detail.includes('json_each'),
      );
      expect(walks, text).toEqual([]);
    }
  }
  expect(lists).toBeGreaterThan(20);
});
