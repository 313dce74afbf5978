import { describe, expect, test } from 'vitest';
import type { AuditFinding, AuditMode } from '../../src/engine/audit-book.ts';
import type { Ledger, PlaceRecord } from '../../src/engine/ledger-port.ts';
import {
  change,
  existing,
  join,
  linkTo,
  placeOf,
  print,
  setScene,
  TENANT,
  type Scene,
} from './ledger-setup.ts';

const NO_DRIFT = { missing: 0, changed: 0, extra: 0, folder: false };

function finding(place: PlaceRecord, more: Partial<AuditFinding> = {}): AuditFinding {
  return {
    place: place.place,
    folder: 'folder',
    token: 'token',
    at: 1_000,
    drift: NO_DRIFT,
    links: [],
    healings: [],
    distrusted: false,
    ...more,
  };
}

/** A place that is filled, and may be verified. */
async function setFilled(ledger: Ledger, ...identities: string[]): Promise<Scene> {
  const scene = await setScene(ledger, identities);
  await fill(scene, scene.place);
  return scene;
}

async function fill({ ledger }: Scene, place: PlaceRecord): Promise<void> {
  await change(ledger, place, { folder: 'folder', trusted: true, filled: true });
}

export function auditsContract(fresh: () => Promise<Ledger>): void {
  describe('audits', () => {
    test('are asked for by place; what is asked for in full is not taken back', async () => {
      const scene = await setFilled(await fresh());
      const { ledger, place } = scene;
      const modes = async (): Promise<AuditMode[]> =>
        (await ledger.audits.orders(TENANT, 0)).map(({ mode }) => mode);
      expect(await modes()).toEqual([]);
      await ledger.audits.ask([], 'full');
      await ledger.audits.ask([place.place, place.place], 'changes');
      expect(await modes()).toEqual(['changes']);
      await ledger.audits.ask([place.place], 'full');
      await ledger.audits.ask([place.place], 'changes');
      expect(await modes()).toEqual(['full']);
      expect(await ledger.audits.slabs()).toEqual([{ tenant: TENANT, slab: 0 }]);
      await ledger.audits.conclude(finding(place));
      expect(await modes()).toEqual([]);
      expect(await ledger.audits.slabs()).toEqual([]);
    });

    test.each([{ filled: false }, { trusted: false }, { folder: null }, { state: 'leaving' as const }])(
      'wait while somebody else is at work: %j',
      async (state) => {
        const { ledger, place } = await setFilled(await fresh());
        await ledger.audits.ask([place.place], 'full');
        await change(ledger, place, state);
        expect(await ledger.audits.orders(TENANT, 0)).toEqual([]);
        expect(await ledger.audits.slabs()).toEqual([]);
      },
    );

    test('wait for a parked mailbox', async () => {
      const { ledger, place } = await setFilled(await fresh());
      await ledger.audits.ask([place.place], 'full');
      await ledger.mailboxes.park(TENANT, place.owner, { reason: 'gone', until: 5, probes: 1, since: 1 });
      expect(await ledger.audits.slabs()).toEqual([]);
      await ledger.mailboxes.unpark(TENANT, 6);
      await change(ledger, place, { filled: true });
      expect(await ledger.audits.slabs()).toHaveLength(1);
    });

    test('go on from their token, in the very folder that it is about', async () => {
      const { ledger, place } = await setFilled(await fresh());
      await ledger.audits.conclude(finding(place));
      await ledger.audits.ask([place.place], 'changes');
      const order = { place: place.place, mode: 'changes' };
      expect(await ledger.audits.orders(TENANT, 0)).toEqual([{ ...order, token: 'token' }]);
      await change(ledger, place, { folder: 'another' });
      expect(await ledger.audits.orders(TENANT, 0)).toEqual([{ ...order, token: null }]);
    });

    test('store links and healings with what was found, and leave the rest to a fill', async () => {
      const { ledger, place, cards } = await setFilled(await fresh(), 'ann', 'bob');
      const [ann, bob] = cards.map((card) => linkTo(card, place));
      await ledger.links.save({ put: [existing(ann), existing(bob)] });
      const drifted = { ...existing(ann), revision: 0, fingerprint: print(99) };
      const healing = { person: drifted.person, revision: 1, times: 1 };
      const drift = { ...NO_DRIFT, changed: 1 };
      await ledger.audits.conclude(finding(place, { drift, links: [drifted], healings: [healing] }));
      expect(await ledger.audits.healings(place.place)).toEqual([healing]);
      expect((await ledger.links.pending(place.place, 0, 9)).map(({ link }) => link)).toEqual([drifted]);
      expect(await placeOf(ledger, place)).toMatchObject({ filled: false, cursor: 0, trusted: true });
      expect(await ledger.audits.report()).toEqual([
        {
          place: place.place,
          tenant: TENANT,
          owner: 'owner',
          job: 'staff',
          verified: 1_000,
          drift,
          accepted: 0,
          adopted: 0,
          settled: false,
        },
      ]);
      await change(ledger, place, { filled: true });
      await ledger.audits.conclude(finding(place, { distrusted: true }));
      expect(await placeOf(ledger, place)).toMatchObject({ filled: false, trusted: false });
    });

    test('count a difference as accepted when it came back a third time under one revision', async () => {
      const { ledger, route, place, cards } = await setFilled(await fresh(), 'ann');
      const person = existing(cards[0]).person;
      const accepted = async () => (await ledger.audits.report())[0]?.accepted;
      for (const [times, expected] of [
        [1, 0],
        [2, 0],
        [3, 1],
      ] as const) {
        await ledger.audits.conclude(finding(place, { healings: [{ person, revision: 1, times }] }));
        expect(await accepted()).toBe(expected);
      }
      await ledger.cards.record(TENANT, [
        { identity: 'ann', route: route.key, fingerprint: print(7), state: 'shown' },
      ]);
      expect(await accepted()).toBe(0);
    });

    test('know how many links are to adopted originals', async () => {
      const { ledger, place, cards } = await setFilled(await fresh(), 'ann', 'bob');
      const [ann, bob] = cards.map((card) => linkTo(card, place));
      await ledger.links.save({ put: [{ ...existing(ann), origin: 'linked' }, existing(bob)] });
      expect((await ledger.audits.report()).map(({ adopted }) => adopted)).toEqual([1]);
      const [{ accepted: _accepted, adopted: _adopted, ...rest } = {}] = await ledger.audits.report();
      expect(await ledger.audits.verifications()).toEqual([rest]);
    });

    test('take the longest unverified first, and only places that stay', async () => {
      const scene = await setFilled(await fresh());
      const { ledger, route, place } = scene;
      const second = await join(ledger, route, 'second');
      const third = await join(ledger, route, 'third');
      for (const one of [second, third]) await fill(scene, one);
      await ledger.audits.conclude(finding(place, { at: 30 }));
      await ledger.audits.conclude(finding(third, { at: 20 }));
      expect(await ledger.audits.oldest(route.key, 9)).toEqual([second.place, third.place, place.place]);
      expect(await ledger.audits.oldest(route.key, 1)).toEqual([second.place]);
      // A mailbox that cannot be used is asked for once, and keeps nobody else out.
      await ledger.audits.ask([second.place], 'changes');
      expect(await ledger.audits.oldest(route.key, 9)).toEqual([third.place, place.place, second.place]);
      await ledger.mailboxes.leave(TENANT, 'second', route.key);
      expect(await ledger.audits.oldest(route.key, 9)).toEqual([third.place, place.place]);
      expect((await ledger.audits.report()).map(({ owner }) => owner)).toEqual(['owner', 'third']);
    });

    test('take what waits for its verification already after all the others', async () => {
      const scene = await setFilled(await fresh());
      const { ledger, route, place } = scene;
      const parked = await join(ledger, route, 'parked');
      await ledger.audits.conclude(finding(place, { at: 30 }));
      expect(await ledger.audits.oldest(route.key, 1)).toEqual([parked.place]);
      await ledger.audits.ask([parked.place], 'changes');
      expect(await ledger.audits.oldest(route.key, 1)).toEqual([place.place]);
      expect(await ledger.audits.oldest(route.key, 9)).toEqual([place.place, parked.place]);
    });
  });
}
