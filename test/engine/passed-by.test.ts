import { afterEach, beforeEach, expect, test } from 'vitest';
import { Town } from './town.ts';

const JOB = { kind: 'job', name: 'staff' } as const;
const LICENSED = { kind: 'licensed' as const };
/** As a look for what is stopped, and a fill. */
const SOON_MS = 5_000;
/** Calls of the ledger from the beginning of a turn to a while after its end. */
const CALLS = 14;

let town: Town;
beforeEach(() => (town = new Town()));
afterEach(() => town.close());

const pass = (ms: number): Promise<void> => town.clock.run(town.clock.now() + ms);

function titles(owner: { readonly id: string }): unknown[] {
  const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
  return [...(folder?.items.values() ?? [])].map(({ content }) => content.fields['jobTitle']);
}

/** Every call to one of these nouns is told to `hear` before it is made, by its name. */
function listen(nouns: readonly object[], hear: (name: string) => Promise<void>): void {
  for (const noun of nouns) {
    for (const [name, call] of Object.entries(noun) as [string, unknown][]) {
      if (typeof call !== 'function') continue;
      const heard = async (...given: unknown[]): Promise<unknown> => {
        await hear(name);
        return Reflect.apply(call, noun, given) as unknown;
      };
      Object.assign(noun, { [name]: heard });
    }
  }
}

test('a change is written whenever its pause is lifted, at whatever step of the turn that passes it by', async () => {
  const [owner, ann] = [town.owner(), town.person()];
  await town.configure({ staff: { source: { users: [ann.id] }, target: LICENSED } });
  const { ledger, halts } = town.service.assembly.needs;
  let [at, calls, cuts] = [0, 0, 0];
  listen([ledger.places, ledger.slabs, ledger.links], async (name) => {
    if (calls === 0 && name !== 'ofSlab') return;
    calls += 1;
    if (calls !== at) return;
    cuts += 1;
    // Another process takes it up again, and the turn of another slab sees it first.
    await ledger.halts.lift(JOB);
    await halts.refresh();
  });
  for (at = 1; at <= CALLS; at += 1) {
    await ledger.halts.set({ scope: JOB, mode: 'paused', since: 1 });
    await pass(1_000);
    calls = 0;
    town.tenant.directory.updateUser(ann.id, { jobTitle: `Title ${at}` });
    await pass(SOON_MS);
    await ledger.halts.lift(JOB);
    await pass(SOON_MS);
    expect(titles(owner), `lifted before call ${at}`).toEqual([`Title ${at}`]);
  }
  expect(cuts).toBeGreaterThan(CALLS / 2);
});

test('a change is written that came while a fill was stopped half-way, and already past its person', async () => {
  const people = Array.from({ length: 130 }, () => town.person());
  const [first] = people;
  const staff = { source: { users: people.map(({ id }) => id) }, target: LICENSED };
  await town.configure({ staff });
  const owner = town.owner();
  for (let step = 0; step < 3_000 && titles(owner).length < 40; step += 1) await pass(10);
  const { ledger } = town.service.assembly.needs;
  await ledger.halts.set({ scope: JOB, mode: 'paused', since: 1 });
  // As the next turn does, of whatever slab.
  await town.service.assembly.needs.halts.refresh();
  await pass(1_000);
  expect(titles(owner).length).toBeLessThan(130);
  town.tenant.directory.updateUser(first?.id ?? '', { jobTitle: 'Director' });
  await pass(60_000);
  await ledger.halts.lift(JOB);
  await town.rest();
  expect(titles(owner)).toHaveLength(130);
  expect(titles(owner).filter((title) => title === 'Director')).toHaveLength(1);
});

test('a withdrawn job that the guard holds keeps nobody else waiting, and is right again when it is put back', async () => {
  const owners = Array.from({ length: 25 }, () => town.owner());
  const ann = town.person();
  const job = { source: { users: [ann.id] }, target: LICENSED };
  await town.configure({ staff: job, friends: { ...job, guard: { count: 20, percent: 10 } } });
  const { ledger } = town.service.assembly.needs;
  const friends = { kind: 'job', name: 'friends' } as const;
  await ledger.halts.set({ scope: friends, mode: 'paused', since: town.clock.now() });
  town.tenant.directory.updateUser(ann.id, { jobTitle: 'One' });
  await town.rest();
  await ledger.halts.lift(friends);
  await town.configure({ staff: job });
  expect(await town.service.assembly.needs.ledger.guard.held()).not.toEqual([]);
  town.tenant.directory.updateUser(ann.id, { jobTitle: 'Two' });
  await town.rest();
  expect(await town.service.assembly.needs.writes.depth()).toMatchObject({ due: 0, held: 0, delayed: 0 });
  await town.configure({ staff: job, friends: job });
  for (const { id } of owners) {
    const folder = town.tenant.mailboxes.get(id).folderNamed('friends');
    const shown = [...(folder?.items.values() ?? [])].map(({ content }) => content.fields['jobTitle']);
    // The first of them left: the guard let so many go, and they joined again.
    expect(shown).toEqual(['Two']);
  }
});
