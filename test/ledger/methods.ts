import type { Ledger, LinkRecord } from '../../src/engine/ledger-port.ts';
import { seen } from '../../src/engine/seen.ts';
import { existing, join, linkTo, print, saveRoute, show, TENANT } from '../contracts/ledger-setup.ts';

const group = { id: 'G2', kind: 'group' as const };
const round = {
  tenant: TENANT,
  bundle: 'b',
  groups: ['G'],
  full: true,
  differences: [
    { group: 'G', gone: false, joined: [{ id: 'ann', kind: 'person' as const }, group], left: ['bob'] },
  ],
  token: 't2',
  at: 2,
};

/** Two routes, two mailboxes, people, links, groups and a held removal. */
export async function furnish(ledger: Ledger): Promise<void> {
  const route = await saveRoute(ledger);
  await saveRoute(ledger, 'doomed');
  const place = await join(ledger, route, 'owner');
  const empty = await join(ledger, route, 'empty');
  await ledger.places.update([{ ...seen(empty), state: 'leaving' }]);
  const [ann, bob] = await show(ledger, route, ['ann', 'bob']);
  await show(ledger, { ...route, key: 2 }, ['cem']);
  await ledger.links.save({ put: [linkTo(existing(ann), place), linkTo(existing(bob), place)] });
  await ledger.memberships.track(TENANT, ['G', 'unreachable'], 'group');
  const joined = [
    { id: 'bob', kind: 'person' as const },
    { id: 'G', kind: 'group' as const },
  ];
  const first = [
    { group: 'G', gone: false, joined: joined.slice(0, 1), left: [] },
    { group: 'unreachable', gone: false, joined, left: [] },
  ];
  await ledger.memberships.apply({ ...round, groups: ['G', 'unreachable'], differences: first });
  await ledger.halts.set({ scope: { kind: 'job', name: 'staff' }, mode: 'reverting', since: 1 });
  await ledger.keptOut.keep({ source: TENANT, identity: 'bob', at: 1 });
  const resting = { job: 'staff', kind: 'person' as const, tenant: TENANT, subjects: ['dan'], until: 5 };
  await ledger.guard.rest(resting);
  await ledger.guard.admit({
    job: 'staff',
    kind: 'person',
    tenant: TENANT,
    subjects: ['ann'],
    limits: { count: 0, percent: 0 },
    scope: 9,
    now: 1,
  });
}

const finding = { route: 1, fingerprint: print(9), state: 'gone' as const };
const newLink: LinkRecord = {
  person: 1,
  place: 2,
  item: 'x',
  origin: 'created',
  fingerprint: null,
  revision: 0,
  state: 'creating' as const,
  attempted: 5,
  photo: null,
};

/** Every method of more than one statement. */
export const methods: [string, (ledger: Ledger) => Promise<unknown>][] = [
  ['routes.forget', (ledger) => ledger.routes.forget(2)],
  [
    'cards.record',
    (ledger) =>
      ledger.cards.record(TENANT, [
        { ...finding, identity: 'ann' },
        { ...finding, identity: 'new' },
      ]),
  ],
  ['mailboxes.join', (ledger) => ledger.mailboxes.join(TENANT, 'new', 1)],
  ['mailboxes.joinFirst', (ledger) => ledger.mailboxes.joinFirst(TENANT, 'new', { route: 1, first: 100 })],
  ['mailboxes.leave', (ledger) => ledger.mailboxes.leave(TENANT, 'owner', 1)],
  ['places.update', (ledger) => ledger.places.update([{ place: 1, epoch: 0, folder: 'f', trusted: true }])],
  ['places.forget', (ledger) => ledger.places.forget([2])],
  ['places.leaveAll', (ledger) => ledger.places.leaveAll(1)],
  ['slabs.distrust', (ledger) => ledger.slabs.distrust(TENANT, 0, { generation: 7, at: 8 })],
  [
    'links.save',
    (ledger) =>
      ledger.links.save({
        put: [newLink],
        drop: [{ person: 1, place: 1 }],
        bump: { tenant: TENANT, slab: 0 },
      }),
  ],
  [
    'links.rebuild',
    (ledger) =>
      ledger.links.rebuild(
        { place: 1, epoch: 0 },
        ['bob', 'stranger'].map((identity) => ({
          identity,
          item: identity,
          origin: 'created',
          fingerprint: print(1),
        })),
      ),
  ],
  ['keptOut.keep', (ledger) => ledger.keptOut.keep({ source: TENANT, identity: 'ann', at: 3 })],
  ['keptOut.letIn', (ledger) => ledger.keptOut.letIn({ source: TENANT, identity: 'bob', at: 3 })],
  ['keptOut.agree', (ledger) => ledger.keptOut.agree(['ann', 'bob'], 3)],
  ['memberships.apply', (ledger) => ledger.memberships.apply(round)],
  ['memberships.prune', (ledger) => ledger.memberships.prune(TENANT, ['G'])],
  [
    'guard.admit',
    (ledger) =>
      ledger.guard.admit({
        job: 'staff',
        kind: 'person',
        tenant: TENANT,
        subjects: ['bob', 'cem'],
        limits: { count: 1, percent: 0 },
        scope: 9,
        now: 2,
      }),
  ],
  ['halts.lift', (ledger) => ledger.halts.lift({ kind: 'job', name: 'staff' })],
  [
    'guard.rest',
    (ledger) =>
      ledger.guard.rest({
        job: 'staff',
        kind: 'person',
        tenant: TENANT,
        subjects: ['bob', 'cem'],
        until: 9,
      }),
  ],
  ['guard.ripen', (ledger) => ledger.guard.ripen(9)],
  ['guard.approve', (ledger) => ledger.guard.approve(null, 3)],
];
