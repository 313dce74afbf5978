import { expect, test } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import { silentLog } from '../../src/kit/log.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CLOUD } from './batch-server.ts';

/** Every answer asks to wait so long, in seconds. */
function asking(seconds: () => string) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const client = createGraphClient({
    cloud: CLOUD,
    tokens: { token: async () => 't' },
    transport: async ({ url }) => {
      asked.push(URL.parse(url)?.pathname ?? '');
      return { status: 429, headers: { 'retry-after': seconds() }, body: '{}' };
    },
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  const get = (url: string): Promise<unknown> =>
    client.send({ method: 'GET', url }).catch((error: unknown) => error);
  return { clock, asked, get };
}

test('a resource that asked to wait is left alone until then, by whoever asks next, and no other is', async () => {
  const { clock, asked, get } = asking(() => '300.5');
  const told = clock.now() + 300_500;
  await get('/groups/delta?$select=id');
  await clock.run(told - 1);
  expect(await get('/groups/delta?$deltatoken=other')).toMatchObject({ kind: 'throttled', retryAt: told });
  expect(asked).toHaveLength(1);
  expect(await get('/users/delta')).toMatchObject({ status: 429 });
  expect(await get('/subscriptions/one')).toMatchObject({ status: 429 });
  expect(await get('/subscriptions')).toMatchObject({ kind: 'throttled' });
  await clock.run(told);
  expect(await get('/groups/delta')).toMatchObject({ status: 429 });
  expect(asked).toHaveLength(4);
});

test('a shorter wait never replaces a longer one', async () => {
  const waits = ['60', '1'];
  const { clock, asked, get } = asking(() => waits.shift() ?? '');
  const long = clock.now() + 60_000;
  // Both are on their way before either is answered.
  await Promise.all([get('/users/delta?1'), get('/users/delta?2')]);
  expect(asked).toHaveLength(2);
  await clock.run(long - 1);
  expect(await get('/users/delta?3')).toMatchObject({ kind: 'throttled' });
  expect(asked).toHaveLength(2);
});

test('batches keep an account of their own', async () => {
  const { asked, get } = asking(() => '300');
  await get('/$batch');
  expect(await get('/$batch')).toMatchObject({ status: 429 });
  expect(asked).toHaveLength(2);
});
