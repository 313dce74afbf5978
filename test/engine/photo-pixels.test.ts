import { afterEach, beforeEach, expect, test } from 'vitest';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { since, snapshot, total } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import { Town, type JobPart } from './town.ts';

/** Longer than a look at one picture, and than a write waits for it. */
const ROUND_MS = 5 * 60_000;
const BYTES = 'GET users/{id}/photo/$value';

let town: Town;
let shown: User;
let owner: User;
beforeEach(() => {
  town = new Town();
  [owner, shown] = [town.owner(), town.person()];
  town.tenant.photos.set(shown.id, { bytes: Uint8Array.of(0xff, 0xd8, 1, 0), width: 640, height: 640 });
});
afterEach(() => town.close());

const job = (pixels: number): { readonly staff: JobPart } => ({
  staff: {
    source: { users: [shown.id] },
    target: { kind: 'licensed' },
    mapping: mappingOf(`photos: { pixels: ${pixels} }`),
  },
});

/** How many contacts in the mailbox show a picture. */
const pictures = ({ id }: User): number =>
  [...(town.tenant.mailboxes.get(id).folderNamed('staff')?.items.values() ?? [])].filter(
    ({ content }) => content.photo !== undefined,
  ).length;

test('another size is read once and written once, and a mailbox that joins later shows it as well', async () => {
  await town.configure(job(240));
  await town.clock.run(town.clock.now() + ROUND_MS);
  expect(pictures(owner)).toBe(1);
  const before = snapshot(town.tenant.counts);
  const [card] = await town.service.assembly.needs.ledger.cards.of('contoso', [shown.id]);
  await town.configure(job(96));
  const { needs } = town.service.assembly;
  await town.clock.run(town.clock.now() + ROUND_MS);
  const newcomer = town.owner();
  await town.clock.run(town.clock.now() + ROUND_MS);
  expect([pictures(owner), pictures(newcomer)]).toEqual([1, 1]);
  expect(total(since(town.tenant.counts, before), BYTES)).toBe(1);
  const [after] = await needs.ledger.cards.of('contoso', [shown.id]);
  expect(after?.photo).not.toBe(card?.photo);
  expect((await needs.writes.depth()).delayed).toBe(0);
});
