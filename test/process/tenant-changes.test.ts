import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigProblems, type Config } from '../../src/kit/config/config.ts';
import { eventOf } from '../../src/kit/events/catalogue.ts';
import { silentLog, type Log, type LogKeys } from '../../src/kit/log.ts';
import type { SyncReport } from '../../src/run/service.ts';
import { openNeighbours, type Neighbour, type Neighbours } from './neighbours.ts';

let home: Neighbours;
let errors: { event: string; keys: LogKeys }[];
let warnings: string[];

beforeEach(async () => {
  home = await openNeighbours();
  errors = [];
  warnings = [];
});
afterEach(() => home.close());

async function sync(config: Config): Promise<SyncReport> {
  const log: Log = {
    ...silentLog,
    tell: (event, keys = {}) => {
      const { level } = eventOf(event);
      if (level === 'error') errors.push({ event, keys });
      if (level === 'warn') warnings.push(event);
    },
  };
  const service = await home.open({ config, log });
  try {
    return await service.syncOnce(new AbortController().signal);
  } finally {
    await service.close();
  }
}

function contactsIn({ tenant, population }: Neighbour): number {
  const folders = population.people.flatMap(({ id }) => [
    ...(tenant.mailboxes.get(id)?.folders.values() ?? []),
  ]);
  return folders.reduce((sum, { items }) => sum + items.size, 0);
}

test('a job that is given to another tenant is refused, by name and line, and nothing is touched', async () => {
  const { config } = home;
  await sync(config);
  const before = [contactsIn(home.contoso), contactsIn(home.fabrikam)];
  expect(before[0]).toBeGreaterThan(0);
  const moved = {
    ...config,
    jobs: config.jobs.map((job) =>
      job.id === 'contoso-staff' ? { ...job, tenant: 'fabrikam', folder: 'Other' } : job,
    ),
  };
  const refused = await sync(moved).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigProblems);
  expect(String(refused)).toMatch(/contact-sync\.yaml:1: jobs\.contoso-staff\.tenant: .*"contoso"/);
  expect([contactsIn(home.contoso), contactsIn(home.fabrikam)]).toEqual(before);
  await sync(config);
  expect(home.contoso.compare().divergences).toEqual([]);
});

test('a tenant that was renamed in the file is told to keep its name', async () => {
  const { config } = home;
  await sync(config);
  const renamed = {
    ...config,
    tenants: config.tenants.map((one) => (one.id === 'contoso' ? { ...one, id: 'contoso-de' } : one)),
    jobs: config.jobs.map((job) => (job.tenant === 'contoso' ? { ...job, tenant: 'contoso-de' } : job)),
  };
  await expect(sync(renamed)).rejects.toThrow(/renamed in this file, give it its name "contoso" back/);
});

test('a tenant that leaves the file with its job is missed by name while contacts are there, and holds up nobody', async () => {
  const { config } = home;
  await sync(config);
  const before = contactsIn(home.contoso);
  const left = {
    ...config,
    tenants: config.tenants.filter(({ id }) => id !== 'contoso'),
    jobs: config.jobs.filter(({ tenant }) => tenant !== 'contoso'),
  };
  for (let start = 0; start < 2; start += 1) {
    errors = [];
    warnings = [];
    expect(await sync(left)).toMatchObject({ dead: 0, held: 0 });
    expect(errors).toEqual([
      {
        event: 'tenant-missing',
        keys: { tenant: 'contoso', job: 'contoso-staff', mailboxes: 2 },
      },
    ]);
    expect(warnings).not.toContain('writes-unfinished');
  }
  const status = await home.status(left);
  expect(status.jobs).toMatchObject([
    { job: 'contoso-staff', missingTenant: 'contoso', mailboxes: 2 },
    { job: 'fabrikam-staff', missingTenant: null },
  ]);
  const writes = status.queues.find(({ name }) => name === 'writes');
  expect(writes).toMatchObject({ due: 0, delayed: 0, held: 0, dead: 0 });
  expect(contactsIn(home.contoso)).toBe(before);

  const withoutJob = { ...left, tenants: config.tenants };
  await sync(withoutJob);
  expect(contactsIn(home.contoso)).toBe(0);
  expect(contactsIn(home.fabrikam)).toBeGreaterThan(0);
});
