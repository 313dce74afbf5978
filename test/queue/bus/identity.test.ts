import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Queue } from '../../../src/engine/queue-port.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { systemRandom } from '../../../src/kit/random.ts';
import type { Change } from '../../../src/model/change.ts';
import type { BusCredential } from '../../../src/queue/bus/connection.ts';
import { changeMessages } from '../../../src/queue/messages.ts';
import { openServiceBusOutlet, openServiceBusQueue } from '../../../src/queue/service-bus-queue.ts';
import { openQueueSetup } from '../../../src/queue/service-bus-setup.ts';
import { done, idsOf, separate, verdicts, wide } from '../../contracts/queue-contract.ts';
import { makeToken } from '../../service-bus/access/jwt.ts';
import { startServiceBus, type ServiceBus } from '../../service-bus/start.ts';
import { makeServerCertificate } from '../../tenant/certificates.ts';

const KEY = 'the authority';
const NAMESPACE = 'testns.servicebus.windows.net';
/** The client renews a token two minutes before its end. */
const RENEWED_BEFORE_MS = 120_000;

let certificate: Awaited<ReturnType<typeof makeServerCertificate>>;
let bus: ServiceBus;
let opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  certificate = await makeServerCertificate('Service Bus double authority');
  setDefaultCACertificates([...getCACertificates('default'), certificate.ca]);
});
beforeEach(async () => {
  bus = await startServiceBus({
    tls: certificate.server,
    tokenKey: KEY,
    queues: { changes: { requiresSession: true, maxDeliveryCount: 2_000 } },
    identities: {
      receiver: { changes: ['send'] },
      worker: { changes: ['send', 'listen'] },
      owner: { '*': ['manage'] },
    },
  });
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
  await bus.close();
});

/** `endsMs`: the token is refused after so long. `renewMs`: and it is said to last until it is renewed after so long. */
function token(oid: string, { endsMs = 3_600_000, renewMs = 3_600_000 } = {}) {
  const now = systemClock.now();
  return {
    token: makeToken({ oid, key: KEY, issuedAt: now - 1_000, expiresAt: now + endsMs }),
    expiresOnTimestamp: now + RENEWED_BEFORE_MS + renewMs,
  };
}

const steady = (oid: string): BusCredential => ({ getToken: () => Promise.resolve(token(oid)) });

function optionsFor(credential: BusCredential) {
  return {
    access: { namespace: NAMESPACE, credential, endpoint: bus.address },
    queue: 'changes',
    messages: changeMessages,
    buckets: 2,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    leaseMs: 90_000,
  };
}

async function receiveOne(queue: Queue<Change>): Promise<string[]> {
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const [delivery] = await queue.take(wide);
    if (delivery !== undefined) {
      await queue.settle(delivery, verdicts(delivery, done));
      return idsOf(delivery);
    }
    await queue.ready(limit);
  }
}

it('works with an identity: a receiver that may send, a worker that may listen, too', async () => {
  const outlet = openServiceBusOutlet(optionsFor(steady('receiver')));
  const queue = openServiceBusQueue(optionsFor(steady('worker')));
  opened.push(outlet, queue);
  await outlet.send([separate('k', 'a')]);
  expect(await receiveOne(queue)).toEqual(['a']);
  expect(await queue.depth()).toMatchObject({ due: 0, held: 0, dead: 0 });
});

it('outlives tokens that could not be had for a while', async () => {
  const startedAt = systemClock.now();
  let [asked, refused] = [0, 0];
  const moody: BusCredential = {
    getToken: () => {
      asked += 1;
      // The first ones are good for four seconds, and are renewed after one: just when nobody answers.
      const age = systemClock.now() - startedAt;
      if (age > 800 && age < 2_500) {
        refused += 1;
        return Promise.reject(new Error('the identity endpoint is away'));
      }
      return Promise.resolve(
        age <= 800 ? token('worker', { endsMs: 6_000, renewMs: 1_000 }) : token('worker'),
      );
    },
  };
  const queue = openServiceBusQueue(optionsFor(moody));
  opened.push(queue);
  await queue.send([separate('k', 'a')]);
  expect(await receiveOne(queue)).toEqual(['a']);
  await expect.poll(() => systemClock.now() - startedAt, { timeout: 20_000 }).toBeGreaterThan(8_000);
  expect(refused).toBeGreaterThan(0);
  expect(asked).toBeGreaterThan(refused);
  await queue.send([separate('k', 'b')]);
  expect(await receiveOne(queue)).toEqual(['b']);
});

it('makes the queues that are missing, and says what is wrong with those that are there', async () => {
  const setup = openQueueSetup({
    namespace: `127.0.0.1:${bus.port}`,
    credential: steady('owner'),
  });
  expect(await setup.check(['changes', 'writes'])).toEqual([
    {
      queue: 'changes',
      wrong: 'what expires vanishes without a trace',
      remedy: expect.any(String) as string,
    },
    {
      queue: 'writes',
      wrong: 'it does not exist',
      remedy: expect.stringContaining('queue create') as string,
    },
  ]);
  expect(await setup.create(['writes'])).toEqual(['writes']);
  expect(await setup.create(['writes'])).toEqual([]);
  expect(await setup.check(['writes'])).toEqual([]);
  bus.namespace.create('poor', {
    lockDurationMs: 5_000,
    requiresDuplicateDetection: true,
    timeToLiveMs: 60_000,
  });
  expect((await setup.check(['poor'])).map(({ wrong }) => wrong)).toEqual([
    'it has no sessions',
    'it drops what it takes for duplicates',
    expect.stringContaining('10 deliveries'),
    expect.stringContaining('PT5S'),
    expect.stringContaining('PT1M'),
    'what expires vanishes without a trace',
  ]);
});

it('is refused the administration without the right to manage', async () => {
  const setup = openQueueSetup({ namespace: `127.0.0.1:${bus.port}`, credential: steady('worker') });
  await expect(setup.check(['changes'])).rejects.toMatchObject({ kind: 'unauthorized' });
  await expect(setup.create(['writes'])).rejects.toMatchObject({ kind: 'unauthorized' });
});
