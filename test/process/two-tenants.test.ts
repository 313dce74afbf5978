import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../../src/run/service.ts';
import { openNeighbours, type Illness, type Neighbours } from './neighbours.ts';
import { until } from './until.ts';

const ILLNESSES: readonly Illness[] = ['refuses the credential', 'cannot be reached', 'never answers'];

let home: Neighbours;
let service: Service;
let stop: () => Promise<void>;

beforeEach(async () => {
  home = await openNeighbours();
});
afterEach(async () => {
  await stop();
  await home.close();
});

async function start(): Promise<void> {
  service = await home.open();
  const over = new AbortController();
  const work = service.run(over.signal);
  stop = async () => {
    over.abort();
    home.fabrikam.become('well');
    await work;
    await service.close();
  };
}

const hindered = async (): Promise<readonly (string | null)[]> =>
  (await home.status()).tenants.map(({ hinderedSince }) => hinderedSince);

describe.each(ILLNESSES)('a tenant that %s', (illness) => {
  test('at the start holds up no other, and is told by status', async () => {
    home.fabrikam.become(illness);
    await start();
    await home.contoso.untilRight();
    expect(home.fabrikam.compare().divergences.length).toBeGreaterThan(0);
    // The others are tried for a while before they count as failed.
    if (illness === 'refuses the credential') {
      await until(async () => (await hindered())[1] !== null);
      expect((await hindered())[0]).toBeNull();
    }
  });

  test('while it works holds up no other', async () => {
    await start();
    await Promise.all([home.contoso.untilRight(), home.fabrikam.untilRight()]);
    home.fabrikam.become(illness);
    const { directory } = home.contoso.tenant;
    const [first] = home.contoso.population.people;
    for (let round = 0; round < 3; round += 1) {
      directory.updateUser(first?.id ?? '', { jobTitle: `Round ${round}` });
      await home.contoso.untilRight();
    }
  });
});

describe('once', () => {
  test('what can be done is done, and the one that stands aside is named', async () => {
    home.fabrikam.become('refuses the credential');
    service = await home.open();
    stop = () => service.close();
    await expect(service.syncOnce(new AbortController().signal)).rejects.toThrow(/fabrikam.*unauthorized/);
    expect(home.contoso.compare().divergences).toEqual([]);
  });
});
