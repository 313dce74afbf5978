import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { HttpResponse, Transport } from '../../src/kit/transport.ts';
import type { SyncReport } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { openNeighbours, type Neighbours } from './neighbours.ts';

const homes: Neighbours[] = [];

afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
});

async function openHome(): Promise<Neighbours> {
  const home = await openNeighbours();
  homes.push(home);
  return home;
}

/** One `sync --once`, whose answers pass through `bend`. */
async function sync(
  { config, contoso, fabrikam }: Neighbours,
  bend: (response: HttpResponse) => HttpResponse,
  signal = AbortSignal.timeout(50_000),
): Promise<SyncReport> {
  const transport: Transport = async (request) =>
    bend(await (new URL(request.url).host.endsWith('contoso') ? contoso : fabrikam).answer(request));
  const around = { clock: systemClock, random: systemRandom, transport, log: silentLog };
  const service = await openService(config, around);
  try {
    return await service.syncOnce(signal);
  } finally {
    await service.close();
  }
}

interface Batch {
  readonly responses?: { status: number; headers: object; body: Record<string, unknown> }[];
}

/** Every reading of a person fails in the first so many batches: 503, and no word about when to come back. `failing` hears of each. */
function failingReads(
  batches: number,
  failing: () => void = () => {},
): (response: HttpResponse) => HttpResponse {
  let failed = 0;
  return (response) => {
    const text = typeof response.body === 'string' ? response.body : '';
    if (failed >= batches || !text.includes('"responses"') || !text.includes('assignedLicenses'))
      return response;
    failed += 1;
    failing();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulated tenant wrote it
    const batch = JSON.parse(text) as Batch;
    for (const one of batch.responses ?? []) {
      if (!('assignedLicenses' in one.body)) continue;
      Object.assign(one, {
        status: 503,
        headers: {},
        body: { error: { code: 'serviceNotAvailable', message: 'x' } },
      });
    }
    return { ...response, body: JSON.stringify(batch) };
  };
}

describe('sync --once', () => {
  test('waits for what could not be read at first, and leaves nobody out', async () => {
    const home = await openHome();
    const report = await sync(home, failingReads(2));
    expect(report).toMatchObject({ failing: 0, dead: 0 });
    expect(report.contacts).toBeGreaterThan(0);
    for (const one of [home.contoso, home.fabrikam]) expect(one.compare().divergences).toEqual([]);
  });

  test('that is stopped before it could read everybody says so', async () => {
    const stop = new AbortController();
    const report = await sync(
      await openHome(),
      failingReads(Infinity, () => stop.abort()),
      stop.signal,
    );
    expect(report.failing).toBeGreaterThan(0);
  });
});
