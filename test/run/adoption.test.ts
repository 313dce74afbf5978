import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Needs } from '../../src/engine/needs.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { routesOf } from '../../src/jobs/routes.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { createAdoption } from '../../src/run/adoption.ts';
import { existing, join, print } from '../contracts/ledger-setup.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';

const OLD = read(MINIMAL).jobs.flatMap(routesOf);
const NEW = read(
  MINIMAL.replace(/folder: .*/, 'folder: Renamed').replace(
    /5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33/g,
    '6e2f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e44',
  ),
).jobs.flatMap(routesOf);

test('what a newer configuration brought is left alone by a keeper with the older one, until all agree', async () => {
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an adoption uses nothing else
  const needs = { ledger, clock: systemClock } as unknown as Needs;
  const active: string[] = [];
  let agrees = true;
  const adoptionOf = (routes: typeof OLD) =>
    createAdoption({
      needs,
      routes,
      configured: routes,
      adopt: (adopted) => void active.splice(0, active.length, ...adopted.map(({ folder }) => folder)),
      agrees: () => agrees,
    });
  const stored = async () => {
    const groups = (await ledger.memberships.tracked('contoso')).map(({ group }) => group);
    return { folders: (await ledger.routes.all()).map(({ folder }) => folder), groups };
  };
  await adoptionOf(NEW).prepare();
  const brought = await stored();
  expect(brought).toEqual({ folders: ['Renamed'], groups: NEW.flatMap((route) => [...route.groups.source]) });

  agrees = false;
  const old = adoptionOf(OLD);
  await old.prepare();
  await old.catchUp();
  expect([old.isDone(), [...old.roundOver], active]).toEqual([false, [], OLD.map(({ folder }) => folder)]);
  const after = await stored();
  expect(after.folders).toEqual(brought.folders);
  expect(after.groups).toEqual(expect.arrayContaining(brought.groups));

  agrees = true;
  await old.catchUp();
  expect([old.isDone(), [...old.roundOver]]).toEqual([true, ['contoso']]);
  expect(await stored()).toEqual({
    folders: OLD.map(({ folder }) => folder),
    groups: OLD.flatMap((route) => [...route.groups.source]),
  });
});

test('whoever is let in again is looked for where the job rests as well, before the ledger takes it for done', async () => {
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const text = `${MINIMAL}  shared:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: 9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33 }
`;
  const configured = read(text).jobs.flatMap(routesOf);
  const asked: number[] = [];
  const dying: Ledger = {
    ...ledger,
    keptOut: { ...ledger.keptOut, agree: () => Promise.reject(new Error('dies')) },
    audits: { ...ledger.audits, ask: async (places) => void asked.push(...places) },
  };
  const prepare = (over: Ledger, routes: typeof OLD, keptOut: readonly string[]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an adoption uses nothing else
    const needs = { ledger: over, clock: systemClock } as unknown as Needs;
    return createAdoption({
      needs,
      routes,
      configured,
      adopt: () => {},
      keptOut,
      agrees: () => true,
    }).prepare();
  };
  await prepare(ledger, configured, [print(9)]);
  const route = (await ledger.routes.all()).find(({ id }) => id === 'shared/in');
  const { place } = await join(ledger, existing(route), 'owner');
  await expect(prepare(dying, OLD, [print(9)])).rejects.toThrow('dies');
  expect(asked).toEqual([]);
  await expect(prepare(dying, OLD, [])).rejects.toThrow('dies');
  expect(asked).toEqual([place]);
  await ledger.close();
});
