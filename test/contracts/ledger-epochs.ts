import { describe, expect, test } from 'vitest';
import type { AuditFinding } from '../../src/engine/audit-book.ts';
import type { Ledger, PlaceRecord, RouteRecord } from '../../src/engine/ledger-port.ts';
import { seen } from '../../src/engine/seen.ts';
import { change, existing, join, placeOf, saveRoute, TENANT } from './ledger-setup.ts';

const JOB = { kind: 'job', name: 'staff' } as const;
const PARKED = { reason: 'gone', until: 5, probes: 1, since: 1 };
const FILLED = { folder: 'f', trusted: true, filled: true, cursor: 9, dirty: true, adopted: true };

interface Here {
  readonly ledger: Ledger;
  readonly route: RouteRecord;
  readonly place: PlaceRecord;
}

type Act = (here: Here) => Promise<unknown>;

const leave: Act = ({ ledger, route }) => ledger.mailboxes.leave(TENANT, 'ann', route.key);
const found = (place: PlaceRecord, more: Partial<AuditFinding>): AuditFinding => {
  const drift = { missing: 0, changed: 0, extra: 0, folder: false };
  return {
    place: place.place,
    folder: 'f',
    token: null,
    at: 1,
    drift,
    links: [],
    healings: [],
    distrusted: false,
    ...more,
  };
};

/** Everything that has a place begin anew, and what comes before it. */
const acts: readonly [string, Act, Act?][] = [
  ['joins again', ({ ledger, route }) => ledger.mailboxes.join(TENANT, 'ann', route.key), leave],
  ['leaves', leave],
  ['leaves with all of its route', ({ ledger, route }) => ledger.places.leaveAll(route.key)],
  [
    'is taken up again in the middle of a revert',
    ({ ledger }) => ledger.halts.lift(JOB),
    async (here) => {
      await here.ledger.halts.set({ scope: JOB, mode: 'reverting', since: 1 });
      await here.ledger.places.leaveAll(here.route.key);
    },
  ],
  ['is distrusted', ({ ledger }) => ledger.slabs.distrust(TENANT, 0, { generation: 4, at: 8 })],
  [
    'is in use again',
    ({ ledger }) => ledger.mailboxes.unpark(TENANT, 6),
    ({ ledger }) => ledger.mailboxes.park(TENANT, 'ann', PARKED),
  ],
  [
    'is not believed by an audit',
    ({ ledger, place }) => ledger.audits.conclude(found(place, { distrusted: true })),
  ],
  ['is read anew', ({ ledger, place }) => ledger.links.rebuild(place, [])],
  ['has to be looked for', ({ ledger, place }) => ledger.places.restart([place.place], 'folder')],
  ['is passed by', ({ ledger, place }) => ledger.places.restart([place.place], 'people')],
];

export function epochsContract(fresh: () => Promise<Ledger>): void {
  describe('a place begins anew', () => {
    test.each(acts)('when it %s, and what was read of it before is void', async (_, act, first) => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const joined = await join(ledger, route, 'ann');
      const other = await join(ledger, await saveRoute(ledger, 'other', { job: 'other' }), 'bob');
      await first?.({ ledger, route, place: joined });
      await change(ledger, joined, FILLED);
      const place = existing(await placeOf(ledger, joined));
      await act({ ledger, route, place });
      const begun = existing(await placeOf(ledger, place));
      expect(begun).toMatchObject({ filled: false, cursor: 0, dirty: false });
      const late = { cursor: 7, filled: true, trusted: true, adopted: true, folder: 'late', attempted: 3 };
      const changes = [
        { ...seen(place), ...late },
        { ...seen(existing(await placeOf(ledger, other))), cursor: 3 },
      ];
      expect(await ledger.places.update(changes)).toEqual(new Set([other.place]));
      expect(await placeOf(ledger, place)).toEqual(begun);
      expect(await placeOf(ledger, other)).toMatchObject({ cursor: 3 });
      expect(await ledger.links.rebuild(place, [])).toBe(false);
      expect(await placeOf(ledger, place)).toEqual(begun);
      expect(await ledger.places.update([{ ...seen(begun), ...late }])).toEqual(new Set([place.place]));
      expect(await placeOf(ledger, place)).toEqual({ ...begun, ...late });
    });

    test('and not when it is asked to join or to leave as it does already', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const joined = await join(ledger, route, 'ann');
      expect(await join(ledger, route, 'ann')).toEqual(joined);
      await leave({ ledger, route, place: joined });
      const leaving = await placeOf(ledger, joined);
      await leave({ ledger, route, place: joined });
      await ledger.places.leaveAll(route.key);
      expect(await placeOf(ledger, joined)).toEqual(leaving);
    });
  });
}
