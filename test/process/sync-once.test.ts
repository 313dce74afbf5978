import { afterEach, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import type { SyncReport } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { LeapingClock } from './leaping-clock.ts';
import { Traffic } from './traffic.ts';
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

/** Stands between the service and a tenant. */
type Between = (
  request: HttpRequest,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

const nothing: Between = (request, answer) => answer(request);

/** One `sync --once`. */
async function sync(
  { config, contoso, fabrikam }: Neighbours,
  between: Between,
  { signal = AbortSignal.timeout(50_000), clock = systemClock }: { signal?: AbortSignal; clock?: Clock } = {},
): Promise<SyncReport> {
  const transport: Transport = (request) =>
    between(request, (asked) =>
      (new URL(asked.url).host.endsWith('contoso') ? contoso : fabrikam).answer(asked),
    );
  const around = { clock, random: systemRandom, transport, log: silentLog };
  const service = await openService(config, around);
  try {
    return await service.syncOnce(signal);
  } finally {
    await service.close();
  }
}

interface Questions {
  readonly requests: readonly { readonly id: string; readonly method: string; readonly url: string }[];
}

interface Answers {
  readonly responses: { id: string; status: number; headers: object; body: Record<string, unknown> }[];
}

const AWAY = { status: 503, headers: {}, body: { error: { code: 'serviceNotAvailable', message: 'x' } } };

/** Every reading of a person fails in the first so many batches: 503, and no word about when to come back. `failing` hears of each. */
function failingReads(batches: number, failing: () => void = () => {}): Between {
  let failed = 0;
  return async (request, answer) => {
    const response = await answer(request);
    const text = typeof response.body === 'string' ? response.body : '';
    if (failed >= batches || !text.includes('"responses"') || !text.includes('assignedLicenses'))
      return response;
    failed += 1;
    failing();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulated tenant wrote it
    const batch = JSON.parse(text) as Answers;
    for (const one of batch.responses) if ('assignedLicenses' in one.body) Object.assign(one, AWAY);
    return { ...response, body: JSON.stringify(batch) };
  };
}

/** As if no contact could be made: 503, and no word about when to come back. Everything else works. */
const refuseCreates: Between = async (request, answer) => {
  if (request.body?.includes('/contacts"') !== true) return answer(request);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the product wrote it
  const { requests } = JSON.parse(request.body) as Questions;
  const [creates, others] = [true, false].map((wanted) =>
    requests.filter(({ method, url }) => (method === 'POST' && url.endsWith('/contacts')) === wanted),
  );
  const response =
    others?.length === 0
      ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{"responses":[]}' }
      : await answer({ ...request, body: JSON.stringify({ requests: others }) });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulated tenant wrote it
  const { responses } = JSON.parse(response.body) as Answers;
  const refused = creates?.map(({ id }) => ({ id, ...AWAY })) ?? [];
  return { ...response, body: JSON.stringify({ responses: [...responses, ...refused] }) };
};

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
      { signal: stop.signal },
    );
    expect(report.failing).toBeGreaterThan(0);
  });

  test('ends where contacts cannot be written for minutes, and says so', async () => {
    const home = await openHome();
    const clock = new LeapingClock();
    const traffic = new Traffic();
    const over = new AbortController();
    const leaping = traffic.leapBetween(clock, over.signal);
    const refusing: Between = (request, answer) =>
      traffic.through((asked) => refuseCreates(asked, answer))(request);
    try {
      const signal = AbortSignal.timeout(150_000);
      const report = await sync(home, refusing, { signal, clock });
      expect(signal.aborted).toBe(false);
      expect(report).toMatchObject({ contacts: 0, dead: 0 });
      expect(report.failing).toBeGreaterThan(0);
    } finally {
      over.abort();
      await leaping;
    }
    expect(await sync(home, nothing)).toMatchObject({ failing: 0, dead: 0 });
    for (const one of [home.contoso, home.fabrikam])
      expect(one.compare()).toMatchObject({ divergences: [], duplicates: 0 });
  });
});
