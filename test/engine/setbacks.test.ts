import { afterEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { auditOf } from '../../src/run/audit-report.ts';
import type { User } from '../tenant/directory/objects.ts';
import { idsOf, Town } from './town.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const towns: Town[] = [];

afterEach(async () => {
  for (const town of towns.splice(0)) await town.close();
});

/** One mailbox that shows a group of two. */
async function openTown() {
  const town = new Town();
  towns.push(town);
  const [owner, ann, bob] = [town.owner(), town.person(), town.person()];
  const group = town.group(ann, bob);
  const jobs = { staff: { source: { groups: [group.id] }, target: { kind: 'licensed' as const } } };
  await town.configure(jobs);
  return { town, owner, ann, bob, group, jobs };
}

const needsOf = (town: Town) => town.service.assembly.needs;
const wait = (town: Town, ms: number): Promise<void> => town.clock.run(town.clock.now() + ms);
const setbacks = (town: Town) => needsOf(town).ledger.setbacks.latest(100);

function failLocked(): never {
  throw Object.assign(new Error('database is locked'), { name: 'SqliteError', code: 'SQLITE_BUSY' });
}

/** From now on every call of this noun of the ledger fails as a locked database does; returns how that ends. */
function lock<Noun extends 'links' | 'memberships' | 'setbacks'>(
  town: Town,
  noun: Noun,
  method: keyof Ledger[Noun],
): () => void {
  const part = needsOf(town).ledger[noun];
  const before = part[method];
  Object.assign(part, { [method]: failLocked });
  return () => void Object.assign(part, { [method]: before });
}

function titles(town: Town, owner: User): unknown[] {
  const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
  return [...(folder?.items.values() ?? [])].flatMap(({ content }) => content.fields.jobTitle ?? []);
}

describe('a write that fails again and again', () => {
  test('is kept with its reason, comes back by itself, and is crossed out', async () => {
    const { town, owner, ann } = await openTown();
    const unlock = lock(town, 'links', 'inSlab');
    town.tenant.directory.updateUser(ann.id, { jobTitle: 'Director' });
    await wait(town, 10 * MINUTE_MS);
    unlock();
    expect(await setbacks(town)).toMatchObject([
      {
        kind: 'identity',
        slab: 0,
        object: ann.id,
        times: 1,
        reason: 'unexpected SqliteError (SQLITE_BUSY) in 8 attempts',
      },
    ]);
    expect(await needsOf(town).writes.depth()).toMatchObject({ due: 0, delayed: 0, dead: 0 });
    await wait(town, HOUR_MS + 2 * MINUTE_MS);
    expect(titles(town, owner)).toEqual(['Director']);
    expect(await setbacks(town)).toEqual([]);
  });

  test('is counted as missing, in the status and in an audit, and the audit puts it right', async () => {
    const { town, owner, group } = await openTown();
    const { ledger } = needsOf(town);
    const unlock = lock(town, 'links', 'inSlab');
    const cem = town.person();
    town.tenant.directory.addMember(group.id, cem.id);
    await wait(town, 15 * MINUTE_MS);
    unlock();
    const [route] = await ledger.routes.all();
    const key = route?.key ?? 0;
    expect(await ledger.links.count(key, false)).toEqual({ right: 2, behind: 1 });
    const [record] = await ledger.audits.report();
    if (!record) throw new Error('There is no place.');
    const behind = (await ledger.audits.behind(key, false)).get(record.place) ?? 0;
    expect(behind).toBe(1);
    const verified = { ...record, verified: town.clock.now() };
    expect(auditOf(verified, { first: verified, since: 0, behind }).equal).toBe(false);
    await town.service.assembly.keeper.auditor.verify([record.place], 'changes');
    await wait(town, MINUTE_MS);
    expect(town.shownTo(owner)?.has(cem.id)).toBe(true);
    expect(await ledger.links.count(key, false)).toEqual({ right: 3, behind: 0 });
  });

  test('rests longer each time', async () => {
    const { town, ann } = await openTown();
    lock(town, 'links', 'inSlab');
    town.tenant.directory.updateUser(ann.id, { jobTitle: 'Director' });
    await wait(town, 80 * MINUTE_MS);
    const [one] = await setbacks(town);
    expect(one?.times).toBe(2);
    expect((one?.retryAt ?? 0) - (one?.at ?? 0)).toBe(2 * HOUR_MS);
  });

  test.each(['a restart', 'retry'] as const)('comes back at once after %s', async (occasion) => {
    const { town, owner, ann, jobs } = await openTown();
    const unlock = lock(town, 'links', 'inSlab');
    town.tenant.directory.updateUser(ann.id, { jobTitle: 'Director' });
    await wait(town, 10 * MINUTE_MS);
    unlock();
    if (occasion === 'retry') expect(await needsOf(town).ledger.setbacks.retry()).toBe(1);
    else await town.configure(jobs);
    await wait(town, 2 * MINUTE_MS);
    expect(titles(town, owner)).toEqual(['Director']);
    expect(await setbacks(town)).toEqual([]);
  });

  test('stays in the queue while the ledger cannot be told', async () => {
    const { town, owner, ann } = await openTown();
    const unlock = [lock(town, 'links', 'inSlab'), lock(town, 'setbacks', 'note')];
    town.tenant.directory.updateUser(ann.id, { jobTitle: 'Director' });
    await wait(town, 30 * MINUTE_MS);
    for (const one of unlock) one();
    await wait(town, 5 * MINUTE_MS);
    expect(titles(town, owner)).toEqual(['Director']);
    expect(await setbacks(town)).toEqual([]);
  });

  test('does not take its neighbours along', async () => {
    const { town, owner, ann, bob } = await openTown();
    const { links } = needsOf(town).ledger;
    const before = links.inSlab.bind(links);
    Object.assign(links, {
      inSlab: (tenant: string, slab: number, identities: readonly string[]) => {
        if (identities.includes(ann.id)) throw new TypeError('poison');
        return before(tenant, slab, identities);
      },
    });
    for (const { id } of [ann, bob]) town.tenant.directory.updateUser(id, { jobTitle: 'Director' });
    await wait(town, 20 * MINUTE_MS);
    expect(titles(town, owner)).toEqual(['Director']);
    expect(await setbacks(town)).toMatchObject([{ kind: 'identity', object: ann.id }]);
  });
});

describe('a change that fails again and again', () => {
  test('is kept as well, and nobody who changed meanwhile is lost', async () => {
    const { town, owner, ann, bob } = await openTown();
    const unlock = lock(town, 'memberships', 'groupsOf');
    town.tenant.directory.updateUser(ann.id, { jobTitle: 'Director' });
    await wait(town, 30 * MINUTE_MS);
    expect(await setbacks(town)).toMatchObject([{ kind: 'user', object: ann.id, slab: null }]);
    // What is news has tries of its own, also where its object failed before.
    unlock();
    town.tenant.directory.updateUser(bob.id, { jobTitle: 'Deputy' });
    await wait(town, 5 * MINUTE_MS);
    expect(titles(town, owner)).toEqual(['Deputy']);
    await wait(town, HOUR_MS);
    expect(new Set(titles(town, owner))).toEqual(new Set(['Director', 'Deputy']));
    expect(await setbacks(town)).toEqual([]);
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob));
  });
});
