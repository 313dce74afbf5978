import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import { integer, seededRandom } from '../kit/seeded-random.ts';
import { addForeignToManagedFolders, foreignContacts } from '../process/bystanders.ts';
import { Bustle } from '../process/bustle.ts';
import { until } from '../process/until.ts';
import { Afterlives } from './afterlives.ts';
import { isRight, oneMoreChange, PATIENCE_MS, seconds, untilSettled, whatIsWrong } from './aftermath.ts';
import { Fleet } from './fleet.ts';
import { Havoc } from './havoc.ts';
import type { Chaos } from './report.ts';
import { setScene } from './scene.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly people: number;
  readonly mailboxes: number;
  readonly say: (line: string) => void;
  /** Ends it early, without a report; nothing is left running. */
  readonly signal: AbortSignal;
}

const TURN_EVERY_MS: readonly [number, number] = [700, 2_000];
/** Every so often somebody gets a mailbox, which is filled while others die. */
const TURNS_PER_MAILBOX = 15;

/** The whole of it: fills, lets people change and processes die, and counts what is wrong afterwards. */
export async function chaos(options: ChaosOptions): Promise<Chaos> {
  const { seed, say, signal } = options;
  const afterlives = new Afterlives();
  const scene = await setScene({ ...options, gate: afterlives.gate });
  const { on } = scene;
  const fleet = new Fleet(on, ({ stderr }) => appendFile(path.join(on.folder, 'fleet.log'), stderr));
  try {
    const from = systemClock.now();
    for (const one of scene.members) fleet.start(one);
    await until(() => isRight(on) && on.tenant.subscriptions.all().length === 2, {
      withinMs: PATIENCE_MS,
      else: () => fleet.said(),
    });
    say(`filled after ${seconds(systemClock.now() - from)} s`);
    addForeignToManagedFolders(on.tenant);
    const foreign = foreignContacts(on.tenant);
    const havoc = new Havoc({
      clock: systemClock,
      random: seededRandom(seed),
      scene,
      fleet,
      afterlives,
      say,
    });
    const bustle = new Bustle({
      tenant: on.tenant,
      population: on.population,
      random: seededRandom(seed + 1),
    });
    const changed = await bustleDuring(bustle, { seed, work: () => havoc.wreak(options.kills, signal) });
    const untilRight = await untilSettled(scene, { fleet, say });
    const oneMore = await oneMoreChange(on);
    return {
      seed,
      kills: havoc.killed,
      killed: havoc.kills,
      amidCalls: havoc.amidCalls,
      connectionsDropped: havoc.connectionsDropped,
      sessionsStolen: havoc.sessionsStolen,
      busRestarts: havoc.busRestarts,
      databaseRestarts: havoc.databaseRestarts,
      changes: changed,
      secondsUntilRight: untilRight,
      secondsForOneMore: oneMore,
      ...(await whatIsWrong(scene, { fleet, afterlives, foreign, values: bustle.values, say })),
      seconds: seconds(systemClock.now() - from),
    };
  } finally {
    await fleet.stop();
    await scene.close();
  }
}

/** How many changes there were until the work was done. */
async function bustleDuring(
  bustle: Bustle,
  { seed, work }: { seed: number; work: () => Promise<void> },
): Promise<number> {
  const random = seededRandom(seed + 2);
  const over = new AbortController();
  const [least, most] = TURN_EVERY_MS;
  let given = 0;
  const bustling = async (): Promise<void> => {
    for (let turns = 1; !over.signal.aborted; turns += 1) {
      bustle.turn();
      if (turns % TURNS_PER_MAILBOX === 0) {
        bustle.givesMailbox();
        given += 1;
      }
      await systemClock.sleep(least + integer(random, most - least));
    }
  };
  const bustled = bustling();
  try {
    await work();
  } finally {
    over.abort();
    await bustled;
  }
  return bustle.changed + bustle.joiners + bustle.leavers + given;
}
