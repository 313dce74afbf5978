import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { personalDataAtRest } from '../demo/personal-data.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { contactWrites, since, snapshot } from '../tenant/counts.ts';
import type { Violation } from '../tenant/oracles.ts';
import { addForeignToManagedFolders, folderCount, foreignContacts } from './bystanders.ts';
import { Bustle } from './bustle.ts';
import { Executioner, type Instant } from './executioner.ts';
import { install, TIMING, type Installation } from './installation.ts';
import type { Program } from './program.ts';
import { shapeUnderTest, SOON_MS } from './stores.ts';
import { until } from './until.ts';

const SEED = Number(process.env['KILL_SEED'] ?? 1);
/**
 * Over shared stores the keeper waits 15 s for a sign of life of the dead one: fewer kills, and patience until it has begun.
 * Seven processes at a time are killed by the chaos (test/chaos).
 */
const { kills: KILLS, patienceMs } =
  shapeUnderTest() === 'embedded' ? { kills: 20, patienceMs: 1_000 } : { kills: 6, patienceMs: 25_000 };
const PEOPLE = 120;
/** Every kill finds so many contacts still to be made: where fewer are left, more people get a mailbox. */
const STILL_TO_FILL = 300;
/**
 * A call on the way when its process dies is carried out within `gatewayTimeout`, and often after the next process has
 * started, read the directory and looked for what it knows to be on the way.
 */
const LATEST_MS = 1_200;
const GATEWAY_TIMEOUT = '1500ms';

const random = seededRandom(SEED);
const executioner = new Executioner(patienceMs);
const logs: string[] = [];
const figures = { kills: 0, starts: 0, leaked: 0, convergedMs: [] as number[] };
/** How many died in which phase, by what they had asked the tenant for in their life. */
const phases = { starting: 0, reading: 0, writing: 0 };
let on: Installation;
let bustle: Bustle;
let mailboxes = 12;

beforeAll(async () => {
  on = await install({ people: PEOPLE, mailboxes, seed: SEED, gate: executioner.gate });
  await on.configure({
    jobs: { staff: { groups: [on.population.source.id], guard: { count: KILLS, percent: 10 } } },
    timing: { ...TIMING, gatewayTimeout: GATEWAY_TIMEOUT },
  });
  bustle = new Bustle({ tenant: on.tenant, population: on.population, random });
});

afterAll(() => on.close());

const atRest = async (): Promise<string[]> => [on.folder, ...(await on.stores.atRest())];

function start(): Program {
  figures.starts += 1;
  return on.start('run');
}

async function kill(program: Program, instant: Instant): Promise<void> {
  const before = snapshot(on.tenant.counts);
  await executioner.kill(program, instant);
  figures.kills += 1;
  const asked = since(on.tenant.counts, before);
  phases[asked.size === 0 ? 'starting' : contactWrites(asked) === 0 ? 'reading' : 'writing'] += 1;
  logs.push((await program.ended).stderr);
  // Between a kill and the next start, write-ahead logs hold what a clean stop would have tidied away.
  if (figures.kills % 5 === 0) figures.leaked += await personalDataAtRest(await atRest(), [...bustle.values]);
}

/** `clock` hits a process that reads its files, before its first request; `awake` and requests hit everything later. */
function instant({
  requests: [least, most],
  awakeMs,
}: {
  requests: [number, number];
  awakeMs: number;
}): Instant {
  const request = least + integer(random, 1 + most - least);
  return pick<Instant>(random, [
    { kind: 'clock', ms: integer(random, 500) },
    { kind: 'awake', ms: integer(random, awakeMs) },
    { kind: 'before', request },
    { kind: 'after', request },
    { kind: 'late', request, lateMs: integer(random, LATEST_MS) },
    { kind: 'late', request, lateMs: LATEST_MS },
  ]);
}

test(`killed at ${KILLS} instants of a first fill`, async () => {
  const foreign = foreignContacts(on.tenant);
  for (let kills = 0; kills < KILLS; kills += 1) {
    for (; on.compare().divergences.length < STILL_TO_FILL; mailboxes += 1) bustle.givesMailbox();
    // The directory is read with some 15 requests. Contacts come when what the last process sent can arrive no more.
    const early = chance(random, 0.4);
    const soon = instant(
      early ? { requests: [1, 15], awakeMs: 100 } : { requests: [30, 100], awakeMs: 4_000 },
    );
    await kill(start(), soon);
  }
  const { starting, reading, writing } = phases;
  // Of few, any may fall into any of the later phases.
  const each = KILLS < 20 ? [reading + writing] : [starting, reading, writing];
  for (const times of each) expect(times, JSON.stringify(phases)).toBeGreaterThan(1);
  const program = start();
  figures.convergedMs.push(await on.untilRight());
  await untilIdle(program);
  expect(on.compare()).toEqual({
    divergences: [],
    duplicates: 0,
    foreignTouched: 0,
    contacts: (PEOPLE - 1) * mailboxes,
  });
  expect(folderCount(on.tenant)).toBe(mailboxes);
  expect(foreignContacts(on.tenant)).toEqual(foreign);
  expect(violations()).toEqual([]);
  await stop(program);
}, 300_000);

test(`killed at ${KILLS} instants of fan-outs`, async () => {
  addForeignToManagedFolders(on.tenant);
  const foreign = foreignContacts(on.tenant);
  let program = start();
  await untilIdle(program);
  for (let kills = 0; kills < KILLS; kills += 1) {
    bustle.turn();
    await kill(program, instant({ requests: [1, 12], awakeMs: 300 }));
    program = start();
    // Every other time the next changes and the next kill fall into the recovery from this one.
    if (kills % 2 === 0) figures.convergedMs.push(await on.untilRight());
  }
  figures.convergedMs.push(await on.untilRight());
  await untilIdle(program);
  const people = PEOPLE - 1 + bustle.joiners - bustle.leavers;
  expect(bustle.leavers).toBe(KILLS / 2);
  const { contacts, ...wrong } = on.compare();
  expect(wrong).toEqual({ divergences: [], duplicates: 0, foreignTouched: 0 });
  // An edit may leave somebody without any number or address: nobody shows them then.
  expect(contacts).toBeGreaterThan((people - 3) * mailboxes);
  expect(contacts).toBeLessThanOrEqual(people * mailboxes);
  expect(folderCount(on.tenant)).toBe(mailboxes);
  expect(foreignContacts(on.tenant)).toEqual(foreign);
  // Three of their own for each of the first owners, and a plumber in everybody's folder.
  expect(foreign.size).toBe(3 * on.population.owners.length + mailboxes);
  expect(on.tenant.subscriptions.all().map(({ resource }) => resource)).toEqual(
    expect.arrayContaining(['users', 'groups']),
  );
  expect(on.tenant.subscriptions.all()).toHaveLength(2);
  expect(violations()).toEqual([]);
  await stop(program);
}, 300_000);

test('no personal data at rest, whenever it was killed', async () => {
  await writeFile(path.join(on.folder, 'service.log'), logs.join(''));
  expect(bustle.values.size).toBeGreaterThan(300);
  figures.leaked += await personalDataAtRest(await atRest(), [...bustle.values]);
  console.log(summary());
  expect(figures.leaked).toBe(0);
  expect(figures.kills).toBe(2 * KILLS);
});

/** It has looked at what changed while nobody ran, and whatever was still to come has come, second looks included. */
async function untilIdle(program: Program): Promise<void> {
  await until(() => program.said().includes('sweep done'));
  await until(async () => {
    const { jobs, queues } = await on.look();
    return (
      (await on.stores.waiting(SOON_MS)).due === 0 &&
      jobs.every(({ behind }) => behind === 0) &&
      queues.every(({ due, held, dead }) => due + held + dead === 0)
    );
  });
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  const { code, stderr } = await program.ended;
  logs.push(stderr);
  expect(code).toBe(0);
}

/**
 * A dead process cannot wait for its calls, and its successor cannot know of them. So two oracles do not blame the
 * successor while a call of the dead one is on its way: four calls per mailbox, and the Retry-After that only the dead
 * one was told (1 s, the tenant's answer to a fifth call). Everything else holds at every moment.
 */
function violations(): Violation[] {
  const toldMs = 1_000;
  return on.tenant.oracles.violations.filter(({ kind, at }) => {
    const excused = (slackMs: number): boolean =>
      executioner.afterlives.some(({ from, to }) => at >= from && at <= to + slackMs);
    if (kind === 'mailbox-concurrency') return !excused(0);
    if (kind === 'before-retry-after') return !excused(toldMs);
    return true;
  });
}

function summary(): string {
  const { kills, starts, convergedMs } = figures;
  const { duplicates } = on.compare();
  const excused = on.tenant.oracles.violations.length;
  const seconds = convergedMs.map((ms) => ms / 1000).toSorted((a, b) => a - b);
  const busy = executioner.afterlives.filter(({ from, to }) => to > from).length;
  return (
    `seed ${SEED}: ${kills} kills, ${starts} starts, ${mailboxes} mailboxes, ${duplicates} duplicates, ${excused} violations excused; ` +
    `killed while ${Object.entries(phases)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}, ` +
    `${busy} with calls on the way; ${bustle.changed} changes, ${bustle.joiners} joiners, ${bustle.leavers} leavers; ` +
    `right again after a start within ${seconds.at(0)?.toFixed(1)} to ${seconds.at(-1)?.toFixed(1)} s ` +
    `(median ${seconds.at(seconds.length >> 1)?.toFixed(1)} s)`
  );
}
