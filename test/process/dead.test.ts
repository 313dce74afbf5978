import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/engine/setback-book.ts';
import { changeMessage } from '../../src/engine/send.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { silentLog, type Log, type LogKeys } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import type { Change } from '../../src/model/change.ts';
import { dropGivenUp, listGivenUp, retryGivenUp } from '../../src/run/given-up/orders.ts';
import type { GivenUp } from '../../src/run/given-up/report.ts';
import { withLedger } from '../../src/run/orders.ts';
import { isShared } from '../../src/run/shared-config.ts';
import { openBusQueues } from '../../src/run/shared-stores.ts';
import { openFiles } from '../../src/run/stores.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

const LEASE_MS = 60_000;
const HOUR_MS = 3_600_000;

const logged: (readonly [string, LogKeys | undefined])[] = [];
const log: Log = { ...silentLog, tell: (event, keys) => void logged.push([event, keys]) };
const surroundings = { clock: systemClock, random: systemRandom, transport: fetchTransport, log };

let home: Household;
let ann: User;
let bob: User;
beforeAll(async () => {
  home = await openHousehold();
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
  await home.stop();
  [ann, bob] = [home.somebody(), home.somebody()];
  // A message that ended whoever handled it, and one that nobody can read.
  await bury([look(ann), { ...look(bob), kind: 'nonsense' as Change['kind'] }]);
  await home.start();
  await home.untilQuiet();
});
afterAll(() => home.close());

function look({ id }: User): Change {
  return { v: 1, kind: 'user', tenant: 'contoso', id, causes: ['notification'], at: home.clock.now() };
}

/** Dead letters, as a worker leaves them. */
async function bury(changes: readonly Change[]): Promise<void> {
  const config = home.config();
  const around = { ...surroundings, clock: home.clock };
  const stores = isShared(config)
    ? openBusQueues(config.queue, around, { leaseMs: LEASE_MS })
    : await openFiles(config, around, { leaseMs: LEASE_MS });
  try {
    await stores.changes.send(changes.map((change) => changeMessage(change)));
    await until(async () => {
      for (const delivery of await stores.changes.take({ keys: 9, messages: 9 })) {
        const reason = 'ended its handler 5 times by itself';
        const verdicts = delivery.messages.map(({ id }) => [id, { kind: 'dead', reason }] as const);
        await stores.changes.settle(delivery, new Map(verdicts));
      }
      return (await stores.changes.depth()).dead === changes.length;
    });
  } finally {
    await stores.close();
  }
}

const list = async (): Promise<readonly GivenUp[]> => (await listGivenUp(home.config(), surroundings)).things;
const about = async (object: string | null): Promise<GivenUp> => {
  const [one, ...more] = (await list()).filter((thing) => thing.object === object);
  if (!one || more.length > 0) throw new Error(`${one ? 1 + more.length : 0} things are about ${object}.`);
  return one;
};
const titleInContacts = ({ id }: User): unknown =>
  home.contactOf(home.population.owners[0]?.id ?? '', id).content.fields.jobTitle;

const noted = (failures: readonly Failure[], wait: number | null): Promise<unknown> =>
  withLedger(home.config(), (ledger) => ledger.setbacks.note(failures, () => wait));

describe('dead letters', () => {
  test('are listed with what is wrong, what happens next, and what to do', async () => {
    expect(await about(ann.id)).toMatchObject({
      keptIn: 'changes',
      kind: 'user',
      tenant: 'contoso',
      reason: 'ended its handler 5 times by itself',
      times: null,
      nextTry: null,
      next: expect.stringContaining('contact-sync dead retry changes-') as unknown,
      remedy: expect.stringContaining('too little memory') as unknown,
    });
    expect(await about(null)).toMatchObject({ keptIn: 'changes', kind: null, reason: 'malformed: kind' });
    expect((await home.status()).queues.find(({ name }) => name === 'changes')?.dead).toBe(2);
  });

  test('go on through ledger and queue, and what nobody can read stays', async () => {
    home.unnoticed(() => home.tenant.directory.updateUser(ann.id, { jobTitle: 'Second life' }));
    const { id } = await about(ann.id);
    const revived = await retryGivenUp(home.config(), surroundings, id);
    expect(revived).toMatchObject({ retried: [{ id, object: ann.id }], left: [] });
    expect((await list()).filter(({ keptIn }) => keptIn === 'changes')).toHaveLength(1);
    expect(titleInContacts(ann)).not.toBe('Second life');
    await home.minute();
    await home.untilRight();
    expect(titleInContacts(ann)).toBe('Second life');
    await home.untilQuiet();
    expect(await list()).toMatchObject([{ kind: null }]);

    const unreadable = await about(null);
    const again = await retryGivenUp(home.config(), surroundings, unreadable.id);
    expect(again).toMatchObject({ retried: [], left: [{ id: unreadable.id }] });
    expect(await retryGivenUp(home.config(), surroundings, id), 'it is gone').toBeNull();
    expect(await retryGivenUp(home.config(), surroundings)).toMatchObject({ left: [{ id: unreadable.id }] });
  });

  test('are dropped one by one, with a line in the log', async () => {
    const { id } = await about(null);
    expect(await dropGivenUp(home.config(), surroundings, id)).toMatchObject({ id });
    expect(await list()).toEqual([]);
    expect(await dropGivenUp(home.config(), surroundings, id)).toBeNull();
    expect(logged.at(-1)).toEqual([
      'given-up-dropped',
      expect.objectContaining({ id, keptIn: 'changes', reason: 'malformed: kind' }),
    ]);
  });
});

describe('setbacks of the ledger', () => {
  const nowhere = {
    tenant: 'contoso',
    slab: null,
    mailbox: null,
    route: null,
    causes: [],
    event: 0,
  } as const;
  const failure = (object: string, fields: Partial<Failure> = {}): Failure => ({
    ...nowhere,
    kind: 'user',
    object,
    at: home.clock.now(),
    reason: 'unexpected Error in 8 attempts',
    ...fields,
  });

  test('are retried and dropped by themselves, and the others stay as they are', async () => {
    const gone = failure('ghost', { tenant: 'fabrikam' });
    await noted([failure(ann.id), failure(bob.id), gone], HOUR_MS);
    const place = { slab: 0, mailbox: home.population.owners[0]?.id ?? '', route: 'staff' };
    const refused = failure('somebody', {
      ...place,
      kind: 'contact',
      reason: 'invalid: ErrorInvalidProperty',
    });
    await noted([refused], null);
    expect(await about('ghost')).toMatchObject({
      next: 'nothing, until the tenant fabrikam is in the configuration again',
    });
    expect(await about('somebody')).toMatchObject({
      next: expect.stringContaining('before the person changes') as unknown,
      remedy: expect.stringContaining('refuses a value') as unknown,
    });
    const ours = await about(ann.id);
    expect(ours).toMatchObject({ keptIn: 'ledger', times: 1 });

    home.unnoticed(() => {
      home.tenant.directory.updateUser(ann.id, { jobTitle: 'Dropped' });
      home.tenant.directory.updateUser(bob.id, { jobTitle: 'Retried' });
    });
    expect(await dropGivenUp(home.config(), surroundings, ours.id)).toEqual(ours);
    const theirs = await about(bob.id);
    expect(await retryGivenUp(home.config(), surroundings, theirs.id)).toMatchObject({ left: [] });
    await home.minute();
    await until(() => titleInContacts(bob) === 'Retried');
    await home.untilQuiet();
    expect(titleInContacts(ann), 'nobody looks any more').not.toBe('Dropped');
    expect(new Set((await list()).map(({ object }) => object))).toEqual(new Set(['ghost', 'somebody']));

    const left = await about('somebody');
    expect(await retryGivenUp(home.config(), surroundings, left.id)).toMatchObject({
      retried: [],
      left: [{ id: left.id }],
    });
    for (const one of await list()) await dropGivenUp(home.config(), surroundings, one.id);
    expect(await list()).toEqual([]);
  });
});
