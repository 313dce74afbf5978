import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { openDataFolder } from '../../src/kit/data-folder.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { bookOf } from '../../src/model/book.ts';
import { printsUnder } from '../../src/run/prints.ts';
import { openLedgerOf } from '../../src/run/stores.ts';
import type { Surroundings } from '../../src/run/service.ts';
import { eraseSubject, findSubject, restoreSubject } from '../../src/run/subject/subject.ts';
import { existing, join, placeOf, print, recordAs, saveRoute, show } from '../contracts/ledger-setup.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const BOOK = bookOf('contoso', 'shared');
const JOE = print(74);

let config: Config;
let ledger: Ledger;
let ofJoe: string;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- names that are ids are asked of nobody
const surroundings = { clock: new VirtualClock({ now: 7 }) } as unknown as Surroundings;

beforeAll(async () => {
  const data = await mkdtemp(path.join(os.tmpdir(), 'contact-sync-'));
  const folder = openDataFolder({
    path: data,
    deployment: null,
    fingerprintKey: null,
    random: systemRandom,
  });
  folder.close();
  ofJoe = printsUnder(folder.fingerprintKey).digest('name', 'joe');
  const text = `${MINIMAL}  shared:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: 9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33 }
`;
  config = { ...read(text), data };
  ledger = await openLedgerOf(config, surroundings);
});
afterAll(async () => {
  await ledger.close();
  await rm(config.data, { recursive: true });
});

test('an erasure can be seen and taken back when the job that showed the person has been withdrawn', async () => {
  const route = await saveRoute(ledger, 'old');
  await show(ledger, route, ['ann']);
  const { subjects } = await eraseSubject(config, surroundings, 'ann');
  expect(subjects).toMatchObject([{ id: 'ann', keepOut: ['ann'] }]);
  await recordAs(ledger, route, { identities: ['ann'], state: 'gone' });
  await ledger.routes.forget(route.key);
  expect(await ledger.links.ofPerson('contoso', 'ann')).toBeNull();

  const found = await findSubject(config, surroundings, 'ANN');
  expect(found.subjects).toMatchObject([
    { id: 'ann', tenant: 'contoso', sharedBy: null, keptOut: { by: 'order' }, contacts: [] },
  ]);
  const again = await eraseSubject(config, surroundings, 'ann');
  expect(again.subjects).toMatchObject([{ id: 'ann', keepOut: ['ann'] }]);
  expect((await restoreSubject(config, surroundings, 'ann')).subjects).toMatchObject([{ id: 'ann' }]);
  expect(await ledger.keptOut.of(['ann'])).toEqual([]);
  await expect(restoreSubject(config, surroundings, 'ann')).rejects.toThrow('the ledger knows nobody');
});

test('of a shared contact by its SyncId, and by the name it was met by', async () => {
  const route = await saveRoute(ledger, 'shared/old', { job: 'shared', sourceTenant: BOOK });
  const place = existing(await placeOf(ledger, await join(ledger, route, 'owner')));
  const keys = [{ kind: 'name' as const, digest: ofJoe }];
  const joe = { item: 'item', fresh: JOE, editedAt: 1, fingerprint: print(1), keys };
  await ledger.book.meet(BOOK, place, { strangers: [joe], complete: false });
  for (const name of ['Joe', JOE]) {
    await ledger.keptOut.keep({ source: BOOK, identity: JOE, at: 1 });
    await ledger.places.update([{ place: place.place, epoch: place.epoch, state: 'leaving' }]);
    await ledger.places.forget([place.place]);
    await ledger.routes.forget(route.key);
    expect(await ledger.links.ofPerson(BOOK, JOE)).toBeNull();
    const { subjects } = await findSubject(config, surroundings, name);
    expect(subjects).toMatchObject([{ id: JOE, tenant: 'contoso', sharedBy: 'shared', contacts: [] }]);
  }
  expect((await restoreSubject(config, surroundings, 'joe')).subjects).toMatchObject([{ id: JOE }]);
  expect(await ledger.keptOut.of([JOE, ofJoe])).toEqual([]);
});
