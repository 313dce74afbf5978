import { describe, expect, test } from 'vitest';
import { handleChanges } from '../../src/engine/changes.ts';
import type { TagSighting } from '../../src/engine/ports.ts';
import { photoLook } from '../../src/engine/pictures.ts';
import { Fault } from '../../src/model/fault.ts';
import { saveRoute } from '../contracts/ledger-setup.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { openBenchTop, SOURCE, TENANT, type BenchTop } from './bench-top.ts';

const withPhotos = mappingOf('photos: true');
const PRIVACY = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const JPEG = (number: number): Uint8Array => Uint8Array.of(0xff, 0xd8, number % 256, number >> 8);

/** Ann is shown; under which tag her picture is, and what it holds, is the test's. */
async function openWithAnn(): Promise<BenchTop & { tag: TagSighting; reads: number }> {
  const state = { tag: { kind: 'tag', tag: 'one' } as TagSighting, reads: 0 };
  const source = {
    pictureTags: async (ids: readonly string[]) => new Map(ids.map((id) => [id, state.tag])),
    picture: async () => ((state.reads += 1), JPEG(1)),
  };
  const top = await openBenchTop(source, undefined, withPhotos);
  const route = top.needs.routes[0]?.key ?? 0;
  await top.needs.ledger.cards.record(TENANT, [
    { identity: 'ann', route, fingerprint: 'aa', state: 'shown' },
  ]);
  return Object.assign(state, top);
}

async function look(top: BenchTop): Promise<{ photo: string | null; revision: number } | undefined> {
  const { needs } = top;
  await needs.changes.send([photoLook({ tenant: TENANT, id: 'ann' }, needs.clock.now())]);
  await handleChanges(needs, await needs.changes.take({ keys: 100, messages: 10 }), async () => {});
  return (await needs.ledger.cards.of(TENANT, ['ann']))[0];
}

describe('a look at pictures', () => {
  test('reads bytes only where the tag is another, and raises the revision only where they are', async () => {
    const top = await openWithAnn();
    expect(await look(top)).toMatchObject({ photo: expect.any(String), revision: 2 });
    expect(await look(top)).toMatchObject({ revision: 2 });
    expect(top.reads).toBe(1);
    top.tag = { kind: 'tag', tag: 'two' };
    expect(await look(top)).toMatchObject({ revision: 2 });
    expect(top.reads).toBe(2);
  });

  test('believes that a picture is gone when it is told twice', async () => {
    const top = await openWithAnn();
    const before = await look(top);
    top.tag = { kind: 'tag', tag: null };
    expect(await look(top)).toMatchObject({ photo: before?.photo, revision: 2 });
    // The second look is asked for by itself.
    expect(await top.waiting()).toBe(1);
    expect(await look(top)).toMatchObject({ photo: null, revision: 3 });
    expect(await top.waiting()).toBe(0);
  });

  test('takes a failed reading for one, never for an absence', async () => {
    const top = await openWithAnn();
    const before = await look(top);
    top.tag = { kind: 'unread', fault: new Fault('unavailable', 'away') };
    expect(await look(top)).toEqual(before);
    expect(await top.waiting()).toBe(1);
  });

  // What it answered would be heeded by nobody, and a wait that it asked for be forgotten.
  test('does not call the mailbox of somebody whose picture is withheld', async () => {
    const asked: string[] = [];
    const pictureTags = async (ids: readonly string[]): Promise<Map<string, TagSighting>> => (
      asked.push(...ids),
      new Map()
    );
    const mapping = mappingOf('photos: true', `optOut: [{ fields: [photo], groups: [${PRIVACY}] }]`);
    const top = await openBenchTop({ pictureTags }, undefined, mapping);
    const { ledger, routes, clock, changes } = top.needs;
    const route = routes[0]?.key ?? 0;
    const identities = ['ann', 'bob'];
    await ledger.cards.record(
      TENANT,
      identities.map((identity) => ({ identity, route, fingerprint: 'aa', state: 'shown' })),
    );
    const joined = [{ id: 'ann', kind: 'person' as const }];
    const groups = [SOURCE, PRIVACY];
    const differences = groups.map((group) => ({ group, gone: false, joined, left: [] }));
    await ledger.memberships.apply({
      tenant: TENANT,
      bundle: 'b',
      groups,
      full: true,
      differences,
      token: 't',
      at: 1,
    });
    await changes.send(identities.map((id) => photoLook({ tenant: TENANT, id }, clock.now())));
    await handleChanges(top.needs, await changes.take({ keys: 100, messages: 10 }), async () => {});
    expect(asked).toEqual(['bob']);
  });

  test('keeps the wait that a mailbox asked for, also where the reading for another route met something else', async () => {
    const state = { reads: 0 };
    const waits = new Fault('throttled', 'asked to wait', { retryAt: Number.MAX_SAFE_INTEGER });
    const top = await openBenchTop(
      {
        pictureTags: async (ids) => new Map(ids.map((id) => [id, { kind: 'tag', tag: 'one' }])),
        picture: async () => {
          state.reads += 1;
          throw state.reads === 1 ? waits : new Fault('unavailable', 'away');
        },
      },
      undefined,
      withPhotos,
    );
    const { ledger, clock, changes } = top.needs;
    const [route] = top.needs.routes;
    if (!route) throw new Error('The bench top has a route.');
    const { key, id } = await saveRoute(ledger, 'second');
    const needs = { ...top.needs, routes: [route, { ...route, key, id }] };
    for (const each of needs.routes)
      await ledger.cards.record(TENANT, [
        { identity: 'ann', route: each.key, fingerprint: 'aa', state: 'shown' },
      ]);
    await changes.send([photoLook({ tenant: TENANT, id: 'ann' }, clock.now())]);
    await handleChanges(needs, await changes.take({ keys: 100, messages: 10 }), async () => {});
    expect(state.reads).toBe(2);
    expect([...(await ledger.mailboxes.resting(TENANT, ['ann'], clock.now())).keys()]).toEqual(['ann']);
  });
});
