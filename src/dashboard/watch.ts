import type { Clock } from '../kit/clock.ts';
import { slept } from '../kit/loop.ts';
import { createPaced, type Read } from '../kit/paced.ts';
import type { House, Look } from './house.ts';

/** How things stand, read once for everybody who looks, and only while somebody does. */
export interface Watch {
  look(): Promise<Look>;
  /** Somebody has changed something: whoever looks from now on sees it. */
  outdate(): void;
  /** Calls back after each reading that differs from the one before, until the returned function is called. */
  follow(tell: () => void): () => void;
  /** What was measured in the last 24 hours while somebody looked, oldest first, one for each minute. */
  measured(): readonly Sample[];
  /** Reads again and again while somebody follows, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** The highest of a minute. */
export interface Sample {
  /** Milliseconds since 1970, at the start of the minute. */
  readonly at: number;
  /** How long the oldest message that is due has waited. */
  readonly waitedSeconds: number;
  /** Contacts not known to be right yet. */
  readonly behind: number;
}

const LIVE_MS = 2_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function createWatch({ house, clock }: { house: Pick<House, 'look'>; clock: Clock }): Watch {
  const followers = new Set<() => void>();
  const samples: Sample[] = [];
  let shown: string | null = null;
  const looks = createPaced({ read, clock, keptUntil: restedUntil });

  async function read(): Promise<Look> {
    const look = await house.look();
    measure(samples, look, clock.now());
    const print = printOf(look);
    const isNews = print !== shown;
    shown = print;
    if (isNews) for (const tell of followers) tell();
    return look;
  }

  return {
    look: () => looks.get(),
    outdate: () => looks.outdate(),
    follow(tell) {
      followers.add(tell);
      return () => void followers.delete(tell);
    },
    measured: () => samples,
    async run(signal) {
      while (await slept(clock, Math.max(LIVE_MS, looks.restMs()), signal))
        if (followers.size > 0) await looks.get();
    },
  };
}

const FRESH_MS = 1_000;
/** After a reading that took a second, none begins for ten. */
const REST_SHARE = 10;

/** Of what pages show, a failure as well, since it costs as much. */
export function restedUntil({ from, at }: Read): number {
  return at + Math.max(FRESH_MS, (at - from) * REST_SHARE);
}

/** What a page shows of it, without the times that pass in any case. */
function printOf({ status, concerns }: Look): string {
  if (status === null) return JSON.stringify(concerns);
  const queues = status.queues.map(({ oldestDueSeconds, ...queue }) => [queue, oldestDueSeconds > 0]);
  const processes = status.processes.map(({ id, role }) => [id, role]);
  return JSON.stringify({ ...status, at: null, countedAt: null, queues, processes, concerns });
}

function measure(samples: Sample[], { status }: Look, now: number): void {
  if (status === null) return;
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const before = samples.at(-1)?.at === at ? samples.pop() : undefined;
  const behind = status.jobs.reduce((sum, job) => sum + (job.behind ?? 0), 0);
  const waited = Math.max(0, ...status.queues.map(({ oldestDueSeconds }) => oldestDueSeconds));
  samples.push({
    at,
    waitedSeconds: Math.max(before?.waitedSeconds ?? 0, waited),
    behind: Math.max(before?.behind ?? 0, behind),
  });
  while ((samples[0]?.at ?? at) <= at - DAY_MS) samples.shift();
}
