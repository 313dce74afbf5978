import { isMore, type HeldBack } from '../../src/dashboard/held-back.ts';
import type { Concern, House, JobView, StatusView } from '../../src/dashboard/house.ts';

/** A house that remembers what it was asked to do, and stands as it is told to. */
export interface FakeHouse extends House {
  readonly orders: string[];
  jobs: readonly JobView[];
  /** What it answers to resume. */
  isStopped: boolean;
  /** What the ledger holds back by now. */
  held: HeldBack;
  concerns: readonly Concern[];
  status: Partial<StatusView>;
  fault: Error | null;
}

export const JOB: JobView = {
  job: 'staff',
  people: 500,
  mailboxes: 50,
  contacts: 24_950,
  behind: 0,
  held: [],
  resting: 0,
  suspicion: null,
  halt: null,
  revert: null,
};

const AT = '2026-11-20T12:00:00.000Z';

const STATUS: Omit<StatusView, 'jobs'> = {
  at: AT,
  deployment: 'production',
  countedAt: AT,
  halts: [],
  queues: [{ name: 'changes', due: 0, delayed: 1, held: 0, dead: 0, oldestDueSeconds: 0 }],
  processes: [],
  parked: [],
  throttles: [],
  tenants: [{ tenant: 'contoso', lastSweep: AT, certificate: null }],
  lastSweep: AT,
  foundBySweep: 0,
  missingGroups: [],
  audits: [],
  subscriptions: [{ tenant: 'contoso', resource: 'users', expires: AT }],
};

export function fakeHouse(): FakeHouse {
  const orders: string[] = [];
  const note = <T>(order: string, answer: T): Promise<T> => {
    if (house.fault) return Promise.reject(house.fault);
    orders.push(order);
    return Promise.resolve(answer);
  };
  const house: FakeHouse = {
    orders,
    jobs: [JOB],
    isStopped: true,
    held: { count: 0, newest: '' },
    concerns: [],
    status: {},
    fault: null,
    look: () =>
      Promise.resolve({ status: { ...STATUS, jobs: house.jobs, ...house.status }, concerns: house.concerns }),
    known: () =>
      house.fault
        ? Promise.reject(house.fault)
        : Promise.resolve({
            jobs: [{ job: 'staff', tenants: ['contoso'] }],
            tenants: ['contoso'],
            halts: house.status.halts ?? [],
          }),
    approve: (job, seen) => (isMore(house.held, seen) ? Promise.resolve(null) : note(`approve ${job}`, 2)),
    pause: (scope) => note(`pause ${JSON.stringify(scope)}`, undefined),
    resume: (scope) => note(`resume ${JSON.stringify(scope)}`, house.isStopped),
    revert: (job) => note(`revert ${job}`, undefined),
    retry: (mailbox) => note(`retry ${mailbox ?? 'all'}`, { mailboxes: 1, other: 0 }),
    givenUp: () => Promise.resolve({ total: 0, things: [] }),
    retryGivenUp: (id) => note(`retry given up ${id}`, { left: [] }),
    dropGivenUp: (id) => note(`drop ${id}`, {}),
    plan: (job) =>
      note(`plan ${job}`, {
        jobs: [
          {
            job,
            people: 500,
            mailboxes: 50,
            create: 50,
            adopt: 0,
            change: 3,
            remove: 0,
            look: 0,
            hold: 2,
            requests: 3,
            rows: [{ kind: 'person', id: 'p-7', action: 'change', contacts: 50, fields: ['jobTitle'] }],
          },
        ],
        unread: 1,
        httpRequests: 30,
      }),
    explain: ({ person, mailbox }) =>
      note(`explain ${person} ${mailbox}`, { jobs: [], notTakenUp: ['staff'], withdrawn: [] }),
    said: (error) => (error instanceof Error ? error.message : ''),
  };
  return house;
}
