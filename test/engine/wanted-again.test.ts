import { afterEach, expect, test } from 'vitest';
import { orderRevert } from '../../src/engine/revert.ts';
import { portOf } from '../../src/engine/needs.ts';
import { fillMessage } from '../../src/engine/send.ts';
import { Fault } from '../../src/model/fault.ts';
import { TENANT } from '../bench/service.ts';
import { isAdopted, markOf } from '../tenant/mailbox/item.ts';
import { Town } from './town.ts';

/** Several portions of a turn, so that it can be cut short between them. */
const PEOPLE = 130;
const JOB = { kind: 'job', name: 'staff' } as const;
/** Longer than anything that was sent may be under way. */
const LATE_MS = 15 * 60_000;

let town: Town;
afterEach(() => town.close());

/** A mailbox that is emptied contact by contact where its owner has put somebody into the folder (`own`). */
async function furnish({ group = false, own = true } = {}) {
  town = new Town();
  const owner = town.owner();
  const people = Array.from({ length: PEOPLE }, () => town.person());
  const audience = town.group(owner);
  const target = group ? { kind: 'chosen' as const, groups: [audience.id] } : { kind: 'licensed' as const };
  await town.configure({ staff: { source: { users: people.map(({ id }) => id) }, target } });
  const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
  if (!folder) throw new Error('the folder was not made');
  if (own) town.tenant.mailboxes.addContact(owner.id, { displayName: 'Plumber' }, folder);
  const ours = (): number => [...folder.items.values()].filter(({ content }) => markOf(content)).length;
  expect(ours()).toBe(PEOPLE);
  return { owner, people, audience, ours };
}

async function until(isSo: () => boolean, stepMs: number): Promise<void> {
  for (let step = 0; step < 5_000 && !isSo(); step += 1) await pass(stepMs);
  expect(isSo()).toBe(true);
}

const pass = (ms: number): Promise<void> => town.clock.run(town.clock.now() + ms);

test.each([1, 40, 90])(
  'an owner who comes back when %i contacts are gone gets every one of them again',
  async (gone) => {
    const { owner, audience, ours } = await furnish({ group: true });
    town.tenant.directory.removeMember(audience.id, owner.id);
    await until(() => ours() <= PEOPLE - gone, 10);
    expect(ours()).toBeGreaterThan(0);
    town.tenant.directory.addMember(audience.id, owner.id);
    await pass(LATE_MS);
    expect(ours()).toBe(PEOPLE);
    expect(await town.service.assembly.needs.ledger.links.count(1, false)).toEqual({
      right: PEOPLE,
      behind: 0,
    });
  },
);

test.each([1, 5, 25, 45])('a job that is taken up again when %i contacts are gone', async (gone) => {
  const { ours } = await furnish();
  const { ledger } = town.service.assembly.needs;
  await orderRevert(ledger, 'staff', town.clock.now());
  await until(() => ours() <= PEOPLE - gone, 5);
  await ledger.halts.lift(JOB);
  await pass(LATE_MS);
  expect(ours()).toBe(PEOPLE);
});

test('what changed while a mailbox was leaving is written when it is wanted again during the look at its folder', async () => {
  const { owner, people } = await furnish();
  const { needs } = town.service.assembly;
  const [route] = needs.routes;
  const target = portOf(needs.targets, TENANT);
  const apply = target.apply.bind(target);
  let looks = 0;
  target.apply = async (operations, urgency) => {
    const outcomes = await apply(operations, urgency);
    if (operations.some(({ kind }) => kind === 'clear-folder') && (looks += 1) === 1)
      await needs.ledger.mailboxes.join(TENANT, owner.id, route?.key ?? 0);
    return outcomes;
  };
  // It rests, so that a change passes it by before it is emptied.
  const [place] = await needs.ledger.places.ofSlab(TENANT, 0);
  needs.resting.set(place?.place ?? 0, town.clock.now() + 20_000);
  await needs.ledger.mailboxes.leave(TENANT, owner.id, route?.key ?? 0);
  town.tenant.directory.updateUser(people[3]?.id ?? '', { jobTitle: 'Director' });
  await pass(5_000);
  await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, town.clock.now())]);
  await pass(LATE_MS);
  expect(looks).toBe(1);
  const items = [...(town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? [])];
  expect(items.filter(({ content }) => content.fields['jobTitle'] === 'Director')).toHaveLength(1);
});

test('a folder is not taken back from a mailbox that is wanted again before the call leaves', async () => {
  const { owner, ours } = await furnish({ own: false });
  const { needs } = town.service.assembly;
  const [route] = needs.routes;
  const { places } = needs.ledger;
  const update = places.update.bind(places);
  let joined = 0;
  // The turn has read the place as leaving, and is about to note that it begins.
  places.update = async (changes) => {
    if (changes.some(({ trusted }) => trusted === false) && (joined += 1) === 1)
      await needs.ledger.mailboxes.join(TENANT, owner.id, route?.key ?? 0);
    return update(changes);
  };
  const before = town.writes();
  await needs.ledger.mailboxes.leave(TENANT, owner.id, route?.key ?? 0);
  await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, town.clock.now())]);
  await pass(LATE_MS);
  expect(joined).toBe(1);
  expect(ours()).toBe(PEOPLE);
  expect(town.writes()).toBe(before);
});

/** A mailbox whose owner had everybody in a folder of their own: all of them are adopted. */
async function furnishOriginals(count: number) {
  town = new Town({ adoptable: true });
  const owner = town.owner();
  const people = Array.from({ length: count }, () => town.person());
  const theirs = town.tenant.mailboxes.addFolder(owner.id, 'Colleagues');
  for (const { displayName, mail } of people) {
    const emailAddresses = [{ name: displayName, address: mail }];
    town.tenant.mailboxes.addContact(owner.id, { displayName, emailAddresses }, theirs);
  }
  const source = { users: people.map(({ id }) => id) };
  const adopt = { cync: false, folder: 'Colleagues' };
  await town.configure({ staff: { source, target: { kind: 'licensed' }, adopt } });
  const adopted = (): number => [...theirs.items.values()].filter(({ content }) => isAdopted(content)).length;
  expect(adopted()).toBe(count);
  return { owner, theirs, adopted };
}

test('originals that a revert let go of half-way are adopted again, and get no twin', async () => {
  const { owner, adopted } = await furnishOriginals(70);
  const { ledger } = town.service.assembly.needs;
  await orderRevert(ledger, 'staff', town.clock.now());
  await until(() => adopted() < 70, 50);
  expect(adopted()).toBeGreaterThan(0);
  await ledger.halts.lift(JOB);
  await pass(LATE_MS);
  expect(adopted()).toBe(70);
  expect(town.shownTo(owner)).toEqual(new Set());
});

/** The first time that a mark is taken off, the answer is lost, and the service does it a minute later. */
function releaseLate(): { readonly isSent: () => boolean } {
  const target = portOf(town.service.assembly.needs.targets, TENANT);
  const apply = target.apply.bind(target);
  let isSent = false;
  target.apply = async (operations, urgency) => {
    if (isSent || operations[0]?.kind !== 'unstamp') return apply(operations, urgency);
    isSent = true;
    void town.clock.sleep(60_000).then(() => apply(operations, urgency));
    return operations.map(() => ({ kind: 'fault', fault: new Fault('unknown-outcome', 'no answer') }));
  };
  return { isSent: () => isSent };
}

test.each([
  ['that a link remembers', false],
  ['that a lost ledger forgot', true],
])('an original %s is not adopted again while its mark may be taken off late', async (_, isForgotten) => {
  const { owner, theirs, adopted } = await furnishOriginals(1);
  const { ledger } = town.service.assembly.needs;
  const { isSent } = releaseLate();
  if (isForgotten) {
    const [place] = await ledger.places.ofSlab(TENANT, 0);
    const [pair] = await ledger.links.adopted(place?.place ?? 0, 1);
    await ledger.links.save({ drop: [{ person: pair?.card.person ?? 0, place: place?.place ?? 0 }] });
    const { current } = await ledger.slabs.generation(TENANT, 0);
    await ledger.slabs.distrust(TENANT, 0, { generation: current, at: 0 });
  }
  await orderRevert(ledger, 'staff', town.clock.now());
  await until(isSent, 100);
  // Meanwhile it is tried once more.
  await pass(20_000);
  await ledger.halts.lift(JOB);
  await pass(LATE_MS);
  expect(adopted()).toBe(1);
  expect(theirs.items.size).toBe(1);
  expect(town.shownTo(owner)).toEqual(new Set());
});

test('an original whose mark may be off, and is not, is not forgotten over another contact that fits as well', async () => {
  const { owner, theirs, adopted } = await furnishOriginals(1);
  const { ledger } = town.service.assembly.needs;
  const target = portOf(town.service.assembly.needs.targets, TENANT);
  const apply = target.apply.bind(target);
  let isLost = 0;
  target.apply = async (operations, urgency) => {
    if (operations[0]?.kind !== 'unstamp') return apply(operations, urgency);
    isLost += 1;
    return operations.map(() => ({ kind: 'fault', fault: new Fault('unknown-outcome', 'no answer') }));
  };
  await orderRevert(ledger, 'staff', town.clock.now());
  await until(() => isLost > 0, 100);
  target.apply = apply;
  // The same colleague, written down once more.
  const [original] = theirs.items.values();
  const { displayName, emailAddresses } = original?.content.fields ?? {};
  town.tenant.mailboxes.addContact(owner.id, { displayName, emailAddresses }, theirs);
  await ledger.halts.lift(JOB);
  await pass(LATE_MS);
  expect(adopted()).toBe(1);
  expect(theirs.items.size).toBe(2);
  expect(town.shownTo(owner)).toEqual(new Set());
});
