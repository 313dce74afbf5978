import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import { integer } from '../kit/seeded-random.ts';
import type { Afterlives } from './afterlives.ts';
import { Deck } from './deck.ts';
import type { Fleet, Member } from './fleet.ts';
import type { Scene } from './scene.ts';

/** How long something that was killed stays away at the most, and how long after a kill the next thing happens. */
const AWAY_MS = 2_500;
const BESIDE_WITHIN_MS = 1_500;
const KILL_EVERY_MS: readonly [number, number] = [3_000, 5_000];

/** A worker is killed while there is a call, if one comes within this time. */
const CALL_WITHIN_MS = 1_000;
const LOOK_MS = 2;

/** What happens beside a kill, as often as it stands here; every kind comes within eight kills. */
const BESIDE = ['drop', 'drop', 'steal', 'steal', 'bus', 'crash', 'stop', 'nothing'] as const;

interface Means {
  readonly clock: Clock;
  readonly random: Random;
  readonly scene: Scene;
  readonly fleet: Fleet;
  readonly afterlives: Afterlives;
  readonly say: (line: string) => void;
}

/** What was done to the fleet and its stores. */
export class Havoc {
  readonly kills = { receiver: 0, worker: 0, keeper: 0 };
  /** Kills of workers while calls were on the way, theirs or another's. */
  amidCalls = 0;
  connectionsDropped = 0;
  sessionsStolen = 0;
  busRestarts = 0;
  databaseRestarts = 0;
  readonly #means: Means;
  readonly #victims: Deck<Member>;
  readonly #beside: Deck<(typeof BESIDE)[number]>;

  constructor(means: Means) {
    this.#means = means;
    const { members } = means.scene;
    this.#victims = new Deck(means.random, members as readonly [Member, ...Member[]]);
    this.#beside = new Deck(means.random, BESIDE);
  }

  get killed(): number {
    const { receiver, worker, keeper } = this.kills;
    return receiver + worker + keeper;
  }

  /** One kill every 3 to 5 seconds, and something beside it; resolves when the stores are back. */
  async wreak(kills: number, signal: AbortSignal): Promise<void> {
    const { clock, random, say } = this.#means;
    const [least, most] = KILL_EVERY_MS;
    while (this.killed < kills) {
      signal.throwIfAborted();
      const gapMs = least + integer(random, most - least);
      const victim = this.#victims.deal();
      const beside = this.#beside.deal();
      const besideAt = integer(random, BESIDE_WITHIN_MS);
      const [killing, besides] = [this.#kill(victim), this.#after(besideAt, beside)];
      await Promise.all([killing, besides, clock.sleep(gapMs)]);
      say(`${this.killed} of ${kills} kills: ${victim.name}, ${beside}`);
    }
  }

  async #kill(victim: Member): Promise<void> {
    const { random, fleet, afterlives } = this.#means;
    const awayMs = integer(random, AWAY_MS);
    if (victim.role === 'worker') await this.#untilCalls();
    const dying = fleet.kill(victim, awayMs);
    if (victim.role !== 'receiver') afterlives.begin();
    // One that had just ended by itself was not killed, and does not count.
    if (await dying) this.kills[victim.role] += 1;
  }

  async #untilCalls(): Promise<void> {
    const { clock, afterlives } = this.#means;
    const from = clock.now();
    while (!afterlives.areCallsRunning && clock.now() - from < CALL_WITHIN_MS) await clock.sleep(LOOK_MS);
    if (afterlives.areCallsRunning) this.amidCalls += 1;
  }

  async #after(ms: number, what: (typeof BESIDE)[number]): Promise<void> {
    const { clock, random, scene, afterlives } = this.#means;
    const { bus, database } = scene;
    const awayMs = integer(random, AWAY_MS);
    const queue = ['changes', 'writes'][integer(random, 2)];
    await clock.sleep(ms);
    if (what === 'drop') {
      afterlives.begin();
      this.connectionsDropped += (await bus.ask('drop'))['dropped'] ?? 0;
    } else if (what === 'steal') {
      afterlives.begin();
      this.sessionsStolen += (await bus.ask(`steal ${queue}`))['stolen'] ?? 0;
    } else if (what === 'bus') {
      afterlives.begin();
      await bus.kill();
      await clock.sleep(awayMs);
      await bus.again();
      this.busRestarts += 1;
    } else if (what !== 'nothing') {
      await database.stop(what === 'crash' ? 'immediate' : 'fast');
      await clock.sleep(awayMs);
      await database.start();
      this.databaseRestarts += 1;
    }
  }
}
