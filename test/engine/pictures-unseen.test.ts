import { afterEach, beforeEach, expect, test } from 'vitest';
import { PICTURE } from '../../src/engine/compare.ts';
import { intent } from '../../src/engine/outcome.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import type { User } from '../tenant/directory/objects.ts';
import { since, snapshot, total } from '../tenant/counts.ts';
import { Town, type JobPart } from './town.ts';

/** Longer than a look at one picture, and than anything sent before may arrive. */
const ROUND_MS = 10 * 60_000;
const LOOK = 'GET users/{id}/contactFolders/{folder}/contacts/{contact}/photo';

let town: Town;
let shown: User;
let owner: User;
beforeEach(() => {
  town = new Town();
  [owner, shown] = [town.owner(), town.person()];
  town.tenant.photos.set(shown.id, { bytes: Uint8Array.of(0xff, 0xd8, 1, 0), width: 240, height: 240 });
});
afterEach(() => town.close());

const job = (): Readonly<Record<string, JobPart>> => ({
  staff: {
    source: { users: [shown.id] },
    target: { kind: 'chosen', users: [owner.id] },
    mapping: mappingOf('photos: true'),
  },
});

/** How many contacts there are in the folder, and how many of them show a picture. */
function standing(): number[] {
  const items = [...(town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? [])];
  return [items.length, items.filter(({ content }) => content.photo !== undefined).length];
}

test('a picture that went while the ledger was lost goes from the contacts that nobody knows to show it', async () => {
  await town.configure(job());
  await town.clock.run(town.clock.now() + ROUND_MS);
  expect(standing()).toEqual([1, 1]);
  await town.loseLedger();
  town.tenant.photos.remove(shown.id);
  const start = snapshot(town.tenant.counts);
  await town.configure(job());
  await town.clock.run(town.clock.now() + ROUND_MS);
  expect(standing()).toEqual([1, 0]);
  expect(total(since(town.tenant.counts, start), LOOK)).toBe(1);
  const before = snapshot(town.tenant.counts);
  await town.configure(job());
  await town.clock.run(town.clock.now() + ROUND_MS);
  expect(total(since(town.tenant.counts, before), LOOK)).toBe(0);
});

test('a picture on its way may be there: should its card lose it before the answer, it is looked for', () => {
  const card = { person: 1, identity: 'ann', route: 1, fingerprint: 'a', revision: 2, fannedOut: 2 } as const;
  const before = { card: { ...card, state: 'shown', photo: 'new' } as const, place: 1, link: null };
  expect(intent({ kind: 'picture', item: 'i' }, before, 1).photo).toBe(PICTURE.unseen);
  expect(intent({ kind: 'patch', item: 'i' }, before, 1).photo).toBeNull();
});
