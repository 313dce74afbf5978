import { describe, expect, test } from 'vitest';
import type { Ledger, LinkRecord } from '../../../src/engine/ledger-port.ts';
import type { GroupMember } from '../../../src/engine/ports.ts';
import { seen } from '../../../src/engine/seen.ts';
import { existing, join, linkTo, saveRoute, show, TENANT } from '../../contracts/ledger-setup.ts';
import { postgresHome } from './home.ts';
import { openUnlocked } from './unlocked.ts';

const home = postgresHome();
/** Each with connections of its own, like processes. */
const WRITERS = 4;
/** What goes wrong needs a moment to be hit: each round is one chance more. */
const ROUNDS = 15;

function writers(): Promise<Ledger[]> {
  return Promise.all(Array.from({ length: WRITERS }, () => home.open()));
}

/** Everybody does it at once; what each came to. */
function atOnce<T>(
  ledgers: readonly Ledger[],
  work: (ledger: Ledger, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(ledgers.map(work));
}

const LIMIT = 5;

/** How many removals of one job all of them together were allowed. */
async function admittedTogether(ledgers: readonly Ledger[], round: number): Promise<number> {
  const admitted = await atOnce(ledgers, (ledger, index) =>
    ledger.guard.admit({
      job: `job-${round}`,
      kind: 'person',
      tenant: TENANT,
      subjects: Array.from({ length: 3 }, (_, number) => `${round}-${index}-${number}`),
      limits: { count: LIMIT, percent: 0 },
      scope: 1_000,
      now: 1,
    }),
  );
  return admitted.reduce((sum, one) => sum + one.size, 0);
}

describe('several processes that write at once do what one after the other would have done', () => {
  test('a guard never admits more than its limit, however many ask', async () => {
    const ledgers = await writers();
    for (let round = 0; round < ROUNDS; round++) {
      expect(await admittedTogether(ledgers, round)).toBe(LIMIT);
      expect(await existing(ledgers[0]).guard.held(`job-${round}`)).toHaveLength(WRITERS * 3 - LIMIT);
    }
  });

  test('and would admit more without the locks: the tests here can fail', async () => {
    const ledgers = await Promise.all(Array.from({ length: WRITERS }, () => openUnlocked(home.url())));
    let most = 0;
    for (let round = 0; round < 50 && most <= LIMIT; round++)
      most = Math.max(most, await admittedTogether(ledgers, round));
    for (const ledger of ledgers) await ledger.close();
    expect(most).toBeGreaterThan(LIMIT);
  });

  test('a pilot of so many mailboxes has so many, whoever joins', async () => {
    const ledgers = await writers();
    const route = await saveRoute(existing(ledgers[0]));
    const joined = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        existing(ledgers[index % WRITERS]).mailboxes.joinFirst(TENANT, `owner-${index}`, {
          route: route.key,
          first: 10,
        }),
      ),
    );
    expect(joined.filter((one) => one !== null)).toHaveLength(10);
    expect(await existing(ledgers[0]).places.count(route.key)).toBe(10);
  });

  test('one mailbox that two let in has one seat and one place', async () => {
    const ledgers = await writers();
    const route = await saveRoute(existing(ledgers[0]));
    for (let round = 0; round < ROUNDS; round++) {
      const joined = await atOnce(ledgers, (ledger) =>
        ledger.mailboxes.join(TENANT, `owner-${round}`, route.key),
      );
      expect(joined.filter((one) => one.joined)).toHaveLength(1);
    }
    const places = await existing(ledgers[0]).places.ofSlab(TENANT, 0);
    expect(places.map((place) => place.owner)).toEqual(
      Array.from({ length: ROUNDS }, (_, round) => `owner-${round}`),
    );
  });

  test('a mailbox that joins while its place is being forgotten has a place, or is told that it has none', async () => {
    const [first, second] = await writers();
    const route = await saveRoute(existing(first));
    for (let round = 0; round < ROUNDS; round++) {
      const place = await join(existing(first), route, 'owner');
      await existing(first).mailboxes.leave(TENANT, 'owner', route.key);
      const [forgotten, joined] = await Promise.all([
        existing(first).places.forget([place.place]),
        existing(second).mailboxes.join(TENANT, 'owner', route.key),
      ]);
      expect(joined.joined).toBe(true);
      expect(await existing(first).places.count(route.key)).toBe(1);
      const [now] = await existing(first).places.ofSlab(TENANT, joined.slab);
      expect(existing(now).place === place.place).toBe(forgotten === 0);
    }
  });

  test('item ids of a new place are all stored against the same stem', async () => {
    const ledgers = await writers();
    const route = await saveRoute(existing(ledgers[0]));
    const people = Array.from({ length: WRITERS }, (_, index) => `person-${index}`);
    const cards = await show(existing(ledgers[0]), route, people);
    for (let round = 0; round < ROUNDS; round++) {
      const place = await join(existing(ledgers[0]), route, `owner-${round}`);
      // Ids that share their beginning with one another, each a little differently.
      const links: LinkRecord[] = cards.map((card, index) =>
        linkTo(card, place, { item: `AAMk${'x'.repeat(100 + index)}${'y'.repeat(20)}${index}A` }),
      );
      await atOnce(ledgers, (ledger, index) => ledger.links.save({ put: [existing(links[index])] }));
      const pairs = await existing(ledgers[0]).links.ofPlace(place.place, 0, 100);
      expect(pairs.map(({ link }) => link)).toEqual(links);
    }
  });

  test('members of a place that are updated side by side are all kept', async () => {
    const [first, second] = await writers();
    const route = await saveRoute(existing(first));
    const place = await join(existing(first), route, 'owner');
    for (let round = 1; round <= ROUNDS; round++) {
      await Promise.all([
        existing(first).places.update([{ ...seen(place), cursor: round }]),
        existing(second).places.update([{ ...seen(place), folder: `folder-${round}` }]),
      ]);
      const [now] = await existing(first).places.ofSlab(TENANT, 0);
      expect(now).toMatchObject({ cursor: round, folder: `folder-${round}` });
    }
  });

  test('of two rounds that take somebody out of a scope by two links, one did it', async () => {
    const [first, second] = await writers();
    for (let round = 0; round < ROUNDS; round++) {
      const [top, middle, person] = [`top-${round}`, `middle-${round}`, `person-${round}`];
      const apply = (ledger: Ledger, group: string, [member, joins]: [GroupMember, boolean]) =>
        ledger.memberships.apply({
          tenant: TENANT,
          bundle: group,
          groups: [group],
          full: false,
          differences: [
            { group, gone: false, joined: joins ? [member] : [], left: joins ? [] : [member.id] },
          ],
          token: 't',
          at: 1,
          watches: [{ job: `job-${round}`, roots: [top], allowed: 0, scope: 1 }],
        });
      await existing(first).memberships.track(TENANT, [top, middle], 'group');
      await apply(existing(first), top, [{ id: middle, kind: 'group' }, true]);
      await apply(existing(first), middle, [{ id: person, kind: 'person' }, true]);
      const applied = await Promise.all([
        apply(existing(first), top, [{ id: middle, kind: 'group' }, false]),
        apply(existing(second), middle, [{ id: person, kind: 'person' }, false]),
      ]);
      expect(applied.flatMap(({ suspicions }) => suspicions)).toHaveLength(1);
    }
  });

  test('a group that is tracked while its bundle is read is not taken for read', async () => {
    const [first, second] = await writers();
    for (let round = 0; round < ROUNDS; round++) {
      const group = `late-${round}`;
      await Promise.all([
        existing(first).memberships.apply({
          tenant: TENANT,
          bundle: 'b',
          groups: [group],
          full: true,
          differences: [{ group, gone: false, joined: [{ id: 'ann', kind: 'person' }], left: [] }],
          token: 't',
          at: 1,
        }),
        existing(second).memberships.track(TENANT, [group], 'group'),
      ]);
      const tracked = (await existing(first).memberships.tracked(TENANT)).find((one) => one.group === group);
      const groups = (await existing(first).memberships.groupsOf(TENANT, ['ann'])).get('ann');
      // Read with its members, or not read yet: never one without the other.
      expect(existing(tracked).bundle === 'b').toBe(groups?.has(group) === true);
    }
  });

  test('counts that everybody raises come out right', async () => {
    const ledgers = await writers();
    const route = await saveRoute(existing(ledgers[0]));
    const bump = { tenant: TENANT, slab: 0 };
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const ledger = existing(ledgers[index % WRITERS]);
        await ledger.counters.add('n', 1);
        await show(ledger, route, ['ann', `person-${index}`]);
        await ledger.links.save({ bump });
      }),
    );
    const ledger = existing(ledgers[0]);
    expect(await ledger.counters.read('n')).toBe(40);
    expect(existing((await ledger.cards.of(TENANT, ['ann']))[0]).revision).toBe(40);
    expect((await ledger.slabs.generation(TENANT, 0)).current).toBe(40);
    expect((await ledger.cards.count(route.key)).shown).toBe(41);
  });
});
