import { expect, test } from 'vitest';
import { orderRevert, revertState } from '../../src/engine/revert.ts';
import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { compareMailboxes } from '../tenant/expectation.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { populate } from '../tenant/population.ts';
import { createTenant } from '../tenant/tenant.ts';
import { beginLife } from './gate.ts';
import { deliverTo } from './receive.ts';
import { newDisk, startProcess, type Process } from './world.ts';

const MINUTE_MS = 60_000;
const FOLDER = 'Company Directory';
const FAULTS = {
  gatewayTimeoutApplied: 0.05,
  gatewayTimeoutNotApplied: 0.05,
  lateApply: 0.05,
  throttleInside: 0.1,
  unavailable503: 0.05,
  missingSubResponse: 0.05,
  resetAfterApply: 0.03,
  conflict412: 0.05,
};

/** A tenant, the service with a life after every crash, and what an administrator orders meanwhile. */
function openScene(seed: number) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const disk = newDisk();
  const state: { process: Process | null; crash: number } = { process: null, crash: 0 };
  const tenant = createTenant({
    clock,
    random: seededRandom(seed + 1),
    deliver: deliverTo(() => state.process?.receiver ?? null),
    latencyMs: 20,
    auth: 'open',
    switches: { notifyAfterMs: 500 },
  });
  const population = populate(tenant, seededRandom(seed + 2), { people: 12, mailboxes: 6, foreign: 1 });
  const job: DirectoryJobConfig = {
    id: 'staff',
    kind: 'directory',
    tenant: 'contoso',
    source: { groups: [population.source.id] },
    target: { kind: 'licensed' },
    folder: FOLDER,
    mapping: SEED_MAPPING,
    guard: { count: 50, percent: 10 },
  };
  const stop = new AbortController();
  const forgetWaits = (): void => {
    for (const mailbox of tenant.mailboxes.all()) mailbox.told = { notBefore: 0, at: 0 };
  };
  const start = async (): Promise<void> => {
    const onDeath = (): void => {
      state.process = null;
      // What a process was told a moment before it died, it may not have been able to keep.
      forgetWaits();
      void clock.sleep(5_000).then(start);
    };
    const life = beginLife({ clock, random, crash: () => state.crash, onDeath });
    const transport: Transport = async (request) => {
      const answer = await tenant.transport(request);
      // Nobody was there to be told.
      if (!life.alive) forgetWaits();
      return answer;
    };
    const parts = {
      tenant: { ...tenant, transport },
      life,
      disk,
      jobs: [job],
      random: seededRandom(seed + 3),
      deaf: false,
      auditNights: null,
    };
    const process = await startProcess({
      ...parts,
      untilSweep: () => 60 * MINUTE_MS,
      pollMs: 60 * MINUTE_MS,
    });
    state.process = process;
    const { assembly } = process;
    const { keeper } = assembly;
    void keeper
      .prepare()
      .then(() => Promise.all([keeper.run(stop.signal), assembly.work(stop.signal)]))
      .catch((error: unknown) => {
        if (life.alive) throw error;
      });
  };
  const advance = (ms: number): Promise<void> => clock.run(clock.now() + ms);
  /** The ledger of the process that lives, in a quiet moment. */
  const ledger = async (): Promise<Process['ledger']> => {
    state.crash = 0;
    while (state.process === null) await advance(1_000);
    return state.process.ledger;
  };
  const mailboxes = () => [...tenant.mailboxes.all()];
  return {
    clock,
    tenant,
    population,
    start,
    advance,
    ledger,
    storm: () => {
      tenant.setFaults(FAULTS);
      state.crash = 0.002;
    },
    calm: () => {
      tenant.setFaults({});
      state.crash = 0;
    },
    ours: () =>
      mailboxes().flatMap((one) => [...one.items()].filter(({ content }) => markOf(content))).length,
    theirs: () =>
      mailboxes().flatMap((one) =>
        [...one.items()].flatMap(({ by, key }) => (by === 'user' ? `${one.userId} ${key}` : [])),
      ),
    divergences: () =>
      compareMailboxes(tenant, {
        sourceGroups: [population.source.id],
        target: 'licensed',
        folder: FOLDER,
      }).divergences,
    close: () => {
      stop.abort();
      tenant.close();
    },
  };
}

test.each([11, 12, 13, 14, 15, 16, 196])(
  'a revert in the middle of faults and crashes, and the job taken up again (seed %i)',
  async (seed) => {
    const scene = openScene(seed);
    const { tenant, population } = scene;
    await scene.start();
    await scene.advance(10 * MINUTE_MS);
    expect(scene.divergences()).toEqual([]);
    const keeper = tenant.mailboxes.get(population.owners[0]?.id ?? '');
    tenant.mailboxes.addContact(keeper.userId, { displayName: 'Plumber' }, keeper.folderNamed(FOLDER));
    const theirs = scene.theirs();

    scene.storm();
    for (const { id } of population.people.slice(6)) tenant.directory.updateUser(id, { department: 'New' });
    await scene.advance(2_000);
    await orderRevert(await scene.ledger(), 'staff', scene.clock.now());
    scene.storm();
    for (const { id } of population.people.slice(0, 6))
      tenant.directory.updateUser(id, { department: 'Newer' });
    await scene.advance(10 * MINUTE_MS);
    scene.calm();
    await scene.advance(60 * MINUTE_MS);
    expect(await revertState(await scene.ledger(), 'staff')).toMatchObject({ left: 0, kept: 1 });
    expect(scene.ours()).toBe(0);
    expect(scene.theirs()).toEqual(theirs);
    expect([...(keeper.folderNamed(FOLDER)?.items.values() ?? [])]).toHaveLength(1);

    // Half-way through another one it is taken up again.
    await (await scene.ledger()).halts.lift({ kind: 'job', name: 'staff' });
    await scene.advance(30 * MINUTE_MS);
    expect(scene.divergences()).toEqual([]);
    await orderRevert(await scene.ledger(), 'staff', scene.clock.now());
    scene.storm();
    await scene.advance(61_000);
    await (await scene.ledger()).halts.lift({ kind: 'job', name: 'staff' });
    scene.storm();
    await scene.advance(5 * MINUTE_MS);
    scene.calm();
    await scene.advance(120 * MINUTE_MS);
    expect(scene.divergences()).toEqual([]);
    expect(scene.theirs()).toEqual(theirs);
    expect(tenant.oracles.violations).toEqual([]);
    scene.close();
  },
);
