import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';
import { populate } from '../tenant/population.ts';
import { createTenant } from '../tenant/tenant.ts';
import { freePort } from './free-port.ts';
import { Household, MAILBOXES } from './household.ts';
import { LeapingClock } from './leaping-clock.ts';
import { openStores } from './stores.ts';

const PEOPLE = 24;

/** Ready to be started, over the stores of the shape under test. */
export async function openHousehold(): Promise<Household> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-story-'));
  const app = await makeAppCertificate();
  const random = seededRandom(21);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    // The service's clock is ahead: a life of its subscriptions may look too long.
    switches: { graceMs: 50, notifyAfterMs: 20, overlongExpiry: 'clamped' },
  });
  tenant.registerCertificate(app.cert);
  const population = populate(tenant, random, { people: PEOPLE, mailboxes: MAILBOXES });
  await writeFile(path.join(folder, 'app.pem'), app.pem, { mode: 0o600 });
  const clock = new LeapingClock();
  const stores = await openStores(path.join(folder, 'data'), clock);
  const home = new Household({ folder, tenant, population, clock, stores, port: await freePort() });
  await home.configure();
  return home;
}
