import { describe, expect, test } from 'vitest';
import { handleChanges } from '../../src/engine/changes.ts';
import type { GroupDifference, Source } from '../../src/engine/ports.ts';
import { sweep, type SweepOptions } from '../../src/engine/sweep.ts';
import { openBenchTop, present, SOURCE, TENANT, type BenchTop } from './bench-top.ts';

/** The guard of the bench top lets 20 removals through. */
const PEOPLE = 60;
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, number) => `p${String(from + number).padStart(2, '0')}`);

/** What the directory will say at the next round. */
interface Directory {
  groups: GroupDifference[];
  people: string[];
  /** The last page never comes. */
  broken: boolean;
}

interface Scene extends BenchTop {
  readonly directory: Directory;
  /** Sweeps, and handles all that follows, second looks included. */
  round(from?: SweepOptions['from']): Promise<void>;
  shown(): Promise<number>;
  held(): Promise<number>;
}

const difference = (changes: Partial<GroupDifference>): GroupDifference => ({
  group: SOURCE,
  gone: false,
  joined: [],
  left: [],
  ...changes,
});

async function open(): Promise<Scene> {
  const directory: Directory = {
    groups: [difference({ joined: ids(0, PEOPLE).map((id) => ({ id, kind: 'person' })) })],
    people: ids(0, PEOPLE),
    broken: false,
  };
  const token = (): string | null => (directory.broken ? null : 'next');
  const source: Partial<Source> = {
    async *changedGroups() {
      yield { items: directory.groups, token: token() };
    },
    async *changedPeople(known) {
      yield { items: known === null ? directory.people : [], token: token() };
    },
  };
  const top = await openBenchTop(source);
  for (const id of ids(0, PEOPLE)) top.people.set(id, present(id));
  const { needs, clock } = top;
  const [route] = needs.routes;
  const round = async (from: SweepOptions['from'] = 'latest'): Promise<void> => {
    await sweep(needs, { tenant: TENANT, from });
    directory.groups = [];
    for (let look = 0; look < 4; look += 1) {
      for (;;) {
        const deliveries = await needs.changes.take({ keys: 100, messages: 10 });
        if (deliveries.length === 0) break;
        await handleChanges(needs, deliveries, async () => {});
      }
      await clock.run(clock.now() + 301_000);
    }
  };
  await round('everybody');
  return {
    ...top,
    directory,
    round,
    shown: async () => (await needs.ledger.cards.count(route?.key ?? 0)).shown,
    held: async () => (await needs.ledger.guard.held()).length,
  };
}

const suspected = async ({ needs }: BenchTop) => (await needs.ledger.guard.suspicions())[0];

describe('a reading that takes too many out of scope at once', () => {
  test('of the groups holds every one of them, until it is approved', async () => {
    const scene = await open();
    scene.directory.groups = [difference({ left: ids(0, 21) })];
    await scene.round();
    expect(await suspected(scene)).toMatchObject({ reason: 'groups shrank', lost: 21, scope: PEOPLE });
    expect([await scene.shown(), await scene.held()]).toEqual([PEOPLE - 21, 21]);
    await scene.needs.ledger.guard.approve(null, scene.clock.now());
    await scene.round();
    expect([await suspected(scene), await scene.held()]).toEqual([undefined, 0]);
  });

  test('holds others who leave meanwhile as well, while changes go on', async () => {
    const scene = await open();
    scene.directory.groups = [difference({ left: ids(0, 21) })];
    await scene.round();
    const changed = present('p59', { jobTitle: 'Baker' });
    scene.people.set('p59', changed).set('p58', { kind: 'absent', proven: true });
    await scene.round('everybody');
    expect(await scene.held()).toBe(22);
    const [card] = await scene.needs.ledger.cards.of(TENANT, ['p59']);
    expect(card?.revision).toBe(2);
  });

  test('is over when all of them are there again', async () => {
    const scene = await open();
    scene.directory.groups = [difference({ left: ids(0, 21) })];
    await scene.round();
    scene.directory.groups = [difference({ joined: ids(0, 21).map((id) => ({ id, kind: 'person' })) })];
    await scene.round();
    expect([await suspected(scene), await scene.held(), await scene.shown()]).toEqual([undefined, 0, PEOPLE]);
  });

  test('is none within the limits of the guard', async () => {
    const scene = await open();
    scene.directory.groups = [difference({ left: ids(0, 20) })];
    await scene.round();
    expect([await suspected(scene), await scene.held(), await scene.shown()]).toEqual([undefined, 0, 40]);
  });

  test('of the people is one that a full round did not list', async () => {
    const scene = await open();
    // They cannot be found either: each of them would leave by itself.
    for (const id of ids(0, 21)) scene.people.set(id, { kind: 'absent', proven: true });
    scene.directory.people = ids(21, PEOPLE);
    scene.directory.groups = [difference({ joined: ids(0, PEOPLE).map((id) => ({ id, kind: 'person' })) })];
    await scene.round('everybody');
    expect(await suspected(scene)).toMatchObject({ reason: 'people missing', lost: 21 });
    expect(await scene.held()).toBe(21);
  });
});

describe('a group that is gone', () => {
  test.each([
    ['deleted', [difference({ gone: true })], 'latest' as const],
    ['no longer named by a full round', [], 'latest' as const],
  ])('%s: its members are held, however few they are', async (how, groups, from) => {
    const scene = await open();
    const rest = ids(0, 2).map((id) => ({ id, kind: 'person' as const }));
    scene.directory.groups = [difference({ left: ids(2, 20) })];
    await scene.round();
    scene.directory.groups = [difference({ left: ids(20, 38) })];
    await scene.clock.run(scene.clock.now() + 25 * 3_600_000);
    await scene.round();
    expect([await scene.shown(), await scene.held()]).toEqual([24, 0]);
    expect(rest).toHaveLength(2);
    if (how !== 'deleted') {
      const [tracked] = await scene.needs.ledger.memberships.tracked(TENANT);
      await scene.needs.ledger.tokens.forget(TENANT, tracked?.bundle ?? '');
    }
    scene.directory.groups = groups;
    await scene.round(from);
    expect(await suspected(scene)).toMatchObject({ reason: 'group gone', lost: 24 });
    expect(await scene.held()).toBe(24);
  });
});

test('a round that ends without its last page takes nobody out of scope, and is read again', async () => {
  const scene = await open();
  scene.directory.broken = true;
  scene.directory.groups = [difference({ left: ids(0, PEOPLE) })];
  await expect(scene.round()).rejects.toMatchObject({ kind: 'unavailable' });
  scene.directory.groups = [];
  scene.directory.people = [];
  const people = await scene.needs.ledger.tokens.read(TENANT, 'people');
  await expect(scene.round('everybody')).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await scene.needs.ledger.tokens.read(TENANT, 'people')).toEqual(people);
  scene.directory.broken = false;
  await scene.round();
  expect([await suspected(scene), await scene.held(), await scene.shown()]).toEqual([undefined, 0, PEOPLE]);
});
