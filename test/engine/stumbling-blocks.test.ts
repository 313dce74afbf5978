import { afterEach, describe, expect, test } from 'vitest';
import { portOf } from '../../src/engine/needs.ts';
import type { Operation, Outcome } from '../../src/engine/ports.ts';
import { planJobs } from '../../src/run/plan-report.ts';
import { Fault, type FaultKind } from '../../src/model/fault.ts';
import { TENANT } from '../bench/service.ts';
import { idsOf, Town } from './town.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const towns: Town[] = [];

afterEach(async () => {
  for (const town of towns.splice(0)) await town.close();
});

/** Two mailboxes that are to show a group of two. */
async function openTown(prepare: (town: Town, owner: { id: string }) => void = () => {}) {
  const town = new Town();
  towns.push(town);
  const [owner, other, ann, bob] = [town.owner(), town.owner(), town.person(), town.person()];
  const group = town.group(ann, bob);
  prepare(town, owner);
  await town.configure({ staff: { source: { groups: [group.id] }, target: { kind: 'licensed' } } });
  return { town, owner, other, ann, bob, group };
}

const wait = (town: Town, ms: number): Promise<void> => town.clock.run(town.clock.now() + ms);
const setbacks = (town: Town) => town.service.assembly.needs.ledger.setbacks.latest(100);

/** From now on the operations on one contact fail, before they are sent; returns how often they were tried, and how it ends. */
function hinder(
  town: Town,
  { mailbox, identity }: { mailbox: string; identity: string },
  kind: FaultKind,
): { tries: () => number; end: () => void } {
  const target = portOf(town.service.assembly.needs.targets, TENANT);
  const apply = target.apply.bind(target);
  let tries = 0;
  const isHit = (operation: Operation): boolean =>
    operation.kind === 'create' && operation.mailbox === mailbox && operation.mark.identity === identity;
  Object.assign(target, {
    apply: async (operations: readonly Operation[], urgency: 'live' | 'bulk'): Promise<Outcome[]> => {
      const through = operations.filter((operation) => !isHit(operation));
      const answers = through.length > 0 ? await apply(through, urgency) : [];
      return operations.map((operation): Outcome => {
        if (!isHit(operation)) return answers.shift() ?? { kind: 'done' };
        tries += 1;
        return { kind: 'fault', fault: new Fault(kind, 'planted', { code: 'ErrorPlanted' }) };
      });
    },
  });
  return { tries: () => tries, end: () => void Object.assign(target, { apply }) };
}

describe('a folder name that is taken', () => {
  test('holds up nobody and nothing, and is shown with its mailbox until the name is free', async () => {
    const { town, owner, other, ann, bob } = await openTown((town, { id }) => {
      town.tenant.mailboxes.addFolder(id, 'staff');
    });
    const { needs } = town.service.assembly;
    // Nothing waits in the queue: `sync --once` is through.
    expect(await needs.writes.depth()).toMatchObject({ due: 0, delayed: 0, held: 0 });
    expect(town.shownTo(other)).toEqual(idsOf(ann, bob));
    const reason = 'the folder name is taken by a folder that is not ours';
    expect(await setbacks(town)).toMatchObject([
      { kind: 'folder', mailbox: owner.id, route: 'staff', reason },
    ]);
    const [planned] = await planJobs(needs, { moves: [], tallies: new Map(), adoptions: new Map() });
    expect(planned?.rows).toMatchObject([{ kind: 'mailbox', id: owner.id, action: 'wait', reason }]);
    const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
    if (!folder) throw new Error('There is no folder.');
    town.tenant.mailboxes.renameFolder(owner.id, folder, 'Mine');
    await wait(town, HOUR_MS + 3 * MINUTE_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob));
    expect(await setbacks(town)).toEqual([]);
  });
});

describe('a contact that fails again and again', () => {
  test.each<FaultKind>(['conflict', 'unknown-outcome'])(
    'with %s is tried ever more slowly, is shown, holds up nobody, and comes back',
    async (kind) => {
      const { town, owner, other, ann, bob, group } = await openTown();
      const cem = town.person();
      const hindered = hinder(town, { mailbox: owner.id, identity: cem.id }, kind);
      town.tenant.directory.addMember(group.id, cem.id);
      await wait(town, 2 * HOUR_MS);
      expect(hindered.tries()).toBeGreaterThan(4);
      expect(hindered.tries()).toBeLessThan(15);
      const { needs } = town.service.assembly;
      expect(await needs.writes.depth()).toMatchObject({ due: 0, held: 0, delayed: 0 });
      expect(await setbacks(town)).toMatchObject([
        { kind: 'contact', mailbox: owner.id, object: cem.id, reason: `${kind}: ErrorPlanted` },
      ]);
      expect(town.shownTo(other)).toEqual(idsOf(ann, bob, cem));
      hindered.end();
      await needs.ledger.setbacks.retry();
      await wait(town, 5 * MINUTE_MS);
      expect(town.shownTo(owner)).toEqual(idsOf(ann, bob, cem));
      expect(await setbacks(town)).toEqual([]);
    },
  );

  test('and is met by a fill does not keep the mailbox from being filled', async () => {
    const { town, owner, ann, bob } = await openTown();
    const [route] = town.service.assembly.needs.routes;
    const hindered = hinder(town, { mailbox: owner.id, identity: ann.id }, 'conflict');
    const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
    if (!folder) throw new Error('There is no folder.');
    town.tenant.mailboxes.deleteFolder(owner.id, folder);
    const { keeper, needs } = town.service.assembly;
    const places = (await needs.ledger.audits.report()).map(({ place }) => place);
    await keeper.auditor.verify(places, 'changes');
    await wait(town, 10 * MINUTE_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(bob));
    expect((await needs.ledger.audits.report()).every(({ settled }) => settled)).toBe(true);
    expect(await needs.ledger.links.count(route?.key ?? 0, false)).toEqual({ right: 3, behind: 1 });
    hindered.end();
    await wait(town, HOUR_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob));
  });

  test('that is refused is shown with person and code until its person changes', async () => {
    const { town, owner, ann, bob, group } = await openTown();
    const cem = town.person();
    const hindered = hinder(town, { mailbox: owner.id, identity: cem.id }, 'invalid');
    town.tenant.directory.addMember(group.id, cem.id);
    await wait(town, HOUR_MS);
    expect(hindered.tries()).toBe(1);
    expect(await setbacks(town)).toMatchObject([
      {
        kind: 'contact',
        mailbox: owner.id,
        object: cem.id,
        reason: 'invalid: ErrorPlanted',
        retryAt: null,
      },
    ]);
    hindered.end();
    town.tenant.directory.updateUser(cem.id, { jobTitle: 'Director' });
    await wait(town, 10 * MINUTE_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob, cem));
    expect(await setbacks(town)).toEqual([]);
  });

  test('that was refused and then fails in passing is tried again', async () => {
    const { town, owner, ann, bob, group } = await openTown();
    const cem = town.person();
    const refused = hinder(town, { mailbox: owner.id, identity: cem.id }, 'invalid');
    town.tenant.directory.addMember(group.id, cem.id);
    await wait(town, HOUR_MS);
    refused.end();
    const passing = hinder(town, { mailbox: owner.id, identity: cem.id }, 'unavailable');
    town.tenant.directory.updateUser(cem.id, { jobTitle: 'Director' });
    await wait(town, MINUTE_MS);
    expect(passing.tries()).toBeGreaterThan(0);
    passing.end();
    await wait(town, 10 * MINUTE_MS);
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob, cem));
  });
});
