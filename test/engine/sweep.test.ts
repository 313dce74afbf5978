import { expect, test } from 'vitest';
import { handleChanges } from '../../src/engine/changes.ts';
import { sweep, type SweepOptions } from '../../src/engine/sweep.ts';
import { openBenchTop, present, SOURCE, TENANT } from './bench-top.ts';

const HOUR_MS = 3_600_000;

/** A directory of two people whose changes are told once, and a sweep with all the looks that follow from it. */
async function openSwept() {
  const changed = { since: [] as string[], token: 0, reads: 0 };
  const ids = ['ann', 'bob'];
  const top = await openBenchTop({
    look: async (asked) => {
      changed.reads += asked.length;
      return new Map(asked.map((id) => [id, top.people.get(id) ?? present(id)]));
    },
    async *changedGroups() {
      const joined = ids.map((id) => ({ id, kind: 'person' as const }));
      yield { items: [{ group: SOURCE, gone: false, joined, left: [] }], token: 'groups' };
    },
    async *changedPeople(token) {
      changed.token += 1;
      yield { items: token === null ? ids : changed.since, token: String(changed.token) };
    },
  });
  const { needs, clock } = top;
  const round = async (from: SweepOptions['from']): Promise<void> => {
    await sweep(needs, { tenant: TENANT, from });
    for (let look = 0; look < 4; look += 1) {
      const deliveries = await needs.changes.take({ keys: 100, messages: 10 });
      await handleChanges(needs, deliveries, async () => {});
      await clock.run(clock.now() + HOUR_MS);
    }
  };
  const revision = async (id: string): Promise<number | undefined> =>
    (await needs.ledger.cards.of(TENANT, [id]))[0]?.revision;
  const found = (): Promise<number> => needs.ledger.counters.read('found by sweep');
  return { ...top, changed, round, revision, found };
}

test('what a full round read from a replica that was behind is found a night later, whatever is swept in between', async () => {
  const { people, changed, round, revision } = await openSwept();
  await round('everybody');
  expect(await revision('ann')).toBe(1);
  // Written before the round, and visible after it: no token tells.
  people.set('ann', present('ann', { jobTitle: 'Known to the directory all along' }));
  await round('latest');
  expect(await revision('ann')).toBe(1);
  await round('twice');
  expect(await revision('ann')).toBe(2);
  changed.reads = 0;
  await round('twice');
  expect(changed.reads).toBe(0);
});

test('the night after a full round still counts what nobody announced, and nothing else', async () => {
  const { people, changed, round, revision, found } = await openSwept();
  await round('everybody');
  changed.since = ['bob'];
  people.set('bob', present('bob', { jobTitle: 'Unannounced' }));
  await round('twice');
  expect(await revision('bob')).toBe(2);
  expect(await found()).toBe(1);
});

test('what is swept between two nights is seen again in the next one', async () => {
  const { needs, round } = await openSwept();
  const people = () => needs.ledger.tokens.read(TENANT, 'people');
  await round('everybody');
  // Two rounds over people: what changed, and everybody again, whose token nobody needs.
  await round('twice');
  expect(await people()).toMatchObject({ previous: '1', current: '2' });
  await round('latest');
  await round('latest');
  expect(await people()).toMatchObject({ previous: '1', current: '5' });
  await round('twice');
  expect(await people()).toMatchObject({ previous: '5', current: '6' });
});
