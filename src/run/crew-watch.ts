import type { Crew, CrewMember, CrewRole } from '../engine/crew-port.ts';
import type { Share } from '../graph/throttle.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { repeat } from '../kit/loop.ts';
import { toldOf } from '../kit/told.ts';

/**
 * How several processes share what a tenant grants: this is the one place that says.
 *
 *   every 2 s each shows a sign of life in the ledger, and looks who else does
 *   a worker counts nine, a keeper one, both in one ten, a standby nothing; of all that is counted each has its part
 *   a newcomer announces itself, and does nothing before all others must have looked: they have made room by then;
 *   where nobody else is listed it begins at once and with all of it, since of two that come together at least one sees the other
 *   who leaves strikes itself out; who shows no sign for 15 s is no longer counted
 *   a part shrinks at once. Of windows of 10 s it grows over 10 s: what another spent in them counts that long at the service
 *
 * Nobody compares clocks: a sign is new when it is another one than before. Who could not show a sign for 15 s takes the
 * least there is until it has shown one, since the others no longer count it.
 */
export interface CrewWatch {
  /** Announces this process, and resolves when all others must have seen it. Then keeps watching until stopped. */
  start(): Promise<() => Promise<void>>;
  /** From now on this process is something else; resolves as `start` does. */
  become(role: CrewRole): Promise<void>;
  /** How many process messages, and the how manieth of them, from 0, this one is. */
  share(): Promise<{ workers: number; index: number }>;
  /** Every process at work has this one's configuration, as far as is known. */
  agrees(): boolean;
}

export interface CrewOptions {
  readonly crew: Crew;
  readonly member: Pick<CrewMember, 'id' | 'role' | 'configuration'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of every other part. */
  readonly onShare: (share: Share) => void;
}

export const BEAT_MS = 2_000;
const GONE_MS = 15_000;
/** Rows of processes that are gone are struck out after this, by whoever sees them. */
const FORGOTTEN_MS = 60_000;
/** Every other process has looked once more by then. */
const SEEN_BY_ALL_MS = 1.5 * BEAT_MS;
const WINDOW_MS = 10_000;
const WEIGHTS: Readonly<Record<CrewRole, number>> = { worker: 9, keeper: 1, all: 10, standby: 0 };
const HANDLES: ReadonlySet<CrewRole> = new Set<CrewRole>(['worker', 'all']);

interface Sign {
  readonly member: CrewMember;
  /** When it was first seen at this beat, by our own clock. */
  readonly since: number;
}

/** What was seen of every process, and since when it has been so, by our own clock. */
class Roll {
  readonly #options: CrewOptions;
  #signs: ReadonlyMap<string, Sign> = new Map();
  #size = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  live(): CrewMember[] {
    const now = this.#options.clock.now();
    return [...this.#signs.values()].flatMap(({ member, since }) => (now - since < GONE_MS ? member : []));
  }

  isAlone(): boolean {
    return [...this.#signs.keys()].every((id) => id === this.#options.member.id);
  }

  async call(): Promise<void> {
    const { crew, clock, member, log } = this.#options;
    const now = clock.now();
    const before = this.#signs;
    this.#signs = new Map((await crew.all()).map((one) => [one.id, signOf(one, before.get(one.id), now)]));
    for (const { member: one, since } of this.#signs.values())
      if (one.id !== member.id && now - since > FORGOTTEN_MS) await crew.leave(one.id, one.beat);
    const size = this.live().length;
    if (size !== this.#size) log.tell('processes-changed', { processes: size, before: this.#size });
    this.#size = size;
  }
}

function signOf(member: CrewMember, before: Sign | undefined, now: number): Sign {
  return { member, since: before?.member.beat === member.beat ? before.since : now };
}

/** How large this process's part is, and whom that was told. */
class Part {
  readonly #options: CrewOptions;
  readonly #roll: Roll;
  #windows: { readonly part: number; readonly at: number };
  #told: Share | null = null;
  role: CrewRole;
  /** When this process last showed a sign. */
  shownAt = Number.NEGATIVE_INFINITY;

  constructor(options: CrewOptions, roll: Roll) {
    this.#options = options;
    this.#roll = roll;
    this.#windows = { part: 0, at: options.clock.now() };
    this.role = options.member.role;
  }

  /** Nobody else spends anything. */
  takeAll(): void {
    this.#windows = { part: 1, at: this.#options.clock.now() };
    this.tell();
  }

  tell(): void {
    const concurrency = this.#size();
    const now = this.#options.clock.now();
    const grown = this.#windows.part + (concurrency * (now - this.#windows.at)) / WINDOW_MS;
    const windows = Math.min(concurrency, grown);
    this.#windows = { part: windows, at: now };
    if (this.#told?.concurrency === concurrency && this.#told.windows === windows) return;
    this.#told = { concurrency, windows };
    this.#options.onShare(this.#told);
  }

  #size(): number {
    // Who is not counted by the others any more has nothing to share.
    if (this.#options.clock.now() - this.shownAt >= GONE_MS) return 0;
    const total = this.#roll.live().reduce((sum, one) => sum + WEIGHTS[one.role], 0);
    return total === 0 ? 0 : WEIGHTS[this.role] / total;
  }
}

export function watchCrew(options: CrewOptions): CrewWatch {
  const { crew, member, clock, log } = options;
  const roll = new Roll(options);
  const part = new Part(options, roll);

  const beat = async (): Promise<void> => {
    // Before anything that may wait: a process that slept has no part until it is counted again.
    part.tell();
    const at = clock.now();
    await crew.announce({ id: member.id, role: part.role, configuration: member.configuration, at });
    part.shownAt = at;
    await roll.call();
    part.tell();
  };
  const seenByAll = async (): Promise<void> => {
    await beat();
    if (roll.isAlone()) return part.takeAll();
    await clock.sleep(SEEN_BY_ALL_MS);
    await beat();
  };

  return {
    start: async () => {
      await seenByAll();
      const stop = new AbortController();
      const running = repeat({ clock, log }, { name: 'crew', next: () => BEAT_MS, run: beat }, stop.signal);
      return async () => {
        stop.abort();
        await running;
        await crew.leave(member.id).catch((error: unknown) => {
          log.tell('process-not-struck', {
            error: toldOf(error),
          });
        });
      };
    },
    become: async (next) => {
      if (next === part.role) return;
      part.role = next;
      await seenByAll();
    },
    share: async () => {
      const ids = roll
        .live()
        .filter((one) => HANDLES.has(one.role))
        .map(({ id }) => id)
        .toSorted();
      return { workers: Math.max(1, ids.length), index: Math.max(0, ids.indexOf(member.id)) };
    },
    agrees: () => roll.live().every((one) => one.configuration === member.configuration),
  };
}
