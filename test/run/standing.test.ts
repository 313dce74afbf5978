import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { readStanding } from '../../src/run/status.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';
import { existing, join, placeOf, saveRoute } from '../contracts/ledger-setup.ts';

const expensive = () => Promise.reject(new Error('Looks at every contact.'));

test('how things stand is told without a look at every contact, however often somebody asks', async () => {
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const place = existing(await placeOf(ledger, await join(ledger, await saveRoute(ledger), 'owner')));
  const drift = { missing: 1, changed: 0, extra: 0, folder: false };
  const found = { place: place.place, folder: 'folder', token: null, at: 7, drift };
  await ledger.audits.conclude({ ...found, links: [], healings: [], distrusted: false });
  const watched: Ledger = {
    ...ledger,
    audits: { ...ledger.audits, report: expensive },
    links: { ...ledger.links, count: expensive },
  };
  const stores = { ledger: watched, queues: [], deployment: 'd', now: 9 };
  const { audits } = await readStanding(read(MINIMAL), stores);
  const at = new Date(7).toISOString();
  expect(audits).toEqual([{ job: 'staff', mailboxes: 1, verified: 1, oldest: at, latest: at, drifted: 1 }]);
  await ledger.close();
});
