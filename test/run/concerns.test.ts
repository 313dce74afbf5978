import { expect, test } from 'vitest';
import { concernsOf } from '../../src/run/concerns.ts';
import type { Status } from '../../src/run/status-report.ts';
import { STATUS } from '../cli/fake-world.ts';

const AT = STATUS.at;
const WELL: Status = { ...STATUS, jobs: STATUS.jobs.slice(0, 1) };
const [JOB] = WELL.jobs;
const TENANT = { tenant: 'contoso', lastSweep: AT, hinderedSince: null, certificate: null };
const certificate = (daysLeft: number) => ({ ends: AT, daysLeft, endsSoon: true });

test('where all is well there is nothing to say', () => {
  expect(concernsOf(WELL)).toEqual([]);
  expect(concernsOf({ ...WELL, tenants: [TENANT], lastSweep: '2026-11-20T02:00:00.000Z' })).toEqual([]);
});

test.each<[string, Partial<Status>, string, RegExp]>([
  [
    'tenant',
    { tenants: [{ ...TENANT, hinderedSince: AT }] },
    'failed',
    /nothing succeeds since .*the log says/,
  ],
  [
    'certificate',
    { tenants: [{ ...TENANT, certificate: certificate(9) }] },
    'notice',
    /ends in 9 days.*register/,
  ],
  ['ended', { tenants: [{ ...TENANT, certificate: certificate(-1) }] }, 'failed', /certificate ended on/],
  [
    'dead letters',
    { queues: WELL.queues.map((queue) => ({ ...queue, dead: 2 })) },
    'failed',
    /Queue changes: 2 dead letters.*dead list/,
  ],
  [
    'work',
    { setbacks: { work: 1, folders: 0, contacts: 2, newest: [] } },
    'failed',
    /1 piece of work, 2 contacts/,
  ],
  ['folders', { setbacks: { work: 0, folders: 1, contacts: 0, newest: [] } }, 'notice', /1 folder.*retry/],
  [
    'held',
    { jobs: [{ ...JOB!, held: [{ kind: 'person', id: 'p', since: AT, reason: 'many' }] }] },
    'held',
    /staff: 1 removal held.*approve --job staff/,
  ],
  [
    'suspicion',
    { jobs: [{ ...JOB!, suspicion: { since: AT, reason: 'the groups shrank' } }] },
    'held',
    /shrank/,
  ],
  [
    'absent tenant',
    { jobs: [{ ...JOB!, missingTenant: 'fabrikam' }] },
    'notice',
    /tenant fabrikam is not in/,
  ],
  [
    'group',
    { missingGroups: [{ tenant: 'contoso', group: 'g', since: AT, keptFor: [] }] },
    'failed',
    /Group contoso g not found.*correct its id/,
  ],
  [
    'group that keeps back',
    { missingGroups: [{ tenant: 'contoso', group: 'g', since: AT, keptFor: ['staff'] }] },
    'held',
    /approve \(staff\)/,
  ],
  [
    'parked',
    { parked: [{ tenant: 'contoso', mailbox: 'm', reason: 'r', since: AT, nextTry: AT }] },
    'notice',
    /1 mailbox parked.*retry/,
  ],
  [
    'pause',
    { halts: [{ scope: 'job', name: 'staff', mode: 'paused', since: AT }] },
    'held',
    /Paused since .*: job staff.*resume --job staff/,
  ],
  ['sweep', { lastSweep: '2026-11-18T23:59:59.000Z' }, 'failed', /No sweep since.*contact-sync run/],
  [
    'subscriptions',
    { subscriptions: [{ tenant: 'contoso', resource: 'users', expires: '2026-11-20T11:59:59.000Z' }] },
    'failed',
    /1 subscription ended/,
  ],
  [
    'processes',
    { processes: ['a', 'b'].map((id) => ({ id, role: 'worker', configuration: id, seen: AT })) },
    'notice',
    /2 processes: not all of them have the same configuration/,
  ],
])('%s', (...[, part, gravity, said]) => {
  const concerns = concernsOf({ ...WELL, ...part });
  expect(concerns).toHaveLength(1);
  expect(concerns[0]?.gravity).toBe(gravity);
  expect(`${concerns[0]?.what}; ${concerns[0]?.remedy}`).toMatch(said);
});

test('the gravest comes first', () => {
  const status: Status = {
    ...WELL,
    halts: [{ scope: 'all', name: null, mode: 'paused', since: AT }],
    parked: [{ tenant: 'contoso', mailbox: 'm', reason: 'r', since: AT, nextTry: AT }],
    setbacks: { work: 1, folders: 0, contacts: 0, newest: [] },
  };
  expect(concernsOf(status).map(({ gravity }) => gravity)).toEqual(['failed', 'held', 'notice']);
});
