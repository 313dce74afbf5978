import type { Clock } from '../kit/clock.ts';
import { firstOf } from '../kit/loop.ts';
import type { House, Look } from './house.ts';

/** How things stand, read once for everybody who looks. */
export interface Watch {
  /** Not older than a second. */
  look(): Promise<Look>;
  /** The same, read after this was called: for whoever has just changed something. */
  refresh(): Promise<void>;
  /** Calls back after each reading that differs from the one before, until the returned function is called. */
  follow(tell: () => void): () => void;
  /** What was measured since this process started, oldest first, one for each minute. */
  measured(): readonly Sample[];
  /** Reads again and again until the signal aborts. */
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

/** With somebody looking, and without. */
const LIVE_MS = 2_000;
const QUIET_MS = 15_000;
const FRESH_MS = 1_000;
/** Reading may take no more than this share of the time of whoever owns ledger and queue. */
const REST_SHARE = 10;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

export function createWatch({ house, clock }: { house: Pick<House, 'look'>; clock: Clock }): Watch {
  const followers = new Set<() => void>();
  const samples: Sample[] = [];
  let last: { readonly at: number; readonly print: string; readonly look: Look } | null = null;
  let reading: Promise<Look> | null = null;
  let restMs = 0;
  let waken: (() => void) | null = null;

  async function read(): Promise<Look> {
    const from = clock.now();
    const look = await house.look();
    const at = clock.now();
    restMs = (at - from) * REST_SHARE;
    const print = printOf(look);
    const isNews = last?.print !== print;
    last = { at, print, look };
    measure(samples, look, at);
    if (isNews) for (const tell of followers) tell();
    return look;
  }

  function readOnce(): Promise<Look> {
    reading ??= read().finally(() => (reading = null));
    return reading;
  }

  return {
    look: async () => (last !== null && clock.now() - last.at < FRESH_MS ? last.look : readOnce()),
    refresh: async () => {
      // One that is under way may have begun before the change.
      await reading;
      await readOnce();
    },
    follow(tell) {
      followers.add(tell);
      waken?.();
      return () => void followers.delete(tell);
    },
    measured: () => samples,
    async run(signal) {
      while (!signal.aborted) {
        await readOnce();
        const woken = new Promise<void>((resolve) => (waken = resolve));
        const ms = Math.max(restMs, followers.size > 0 ? LIVE_MS : QUIET_MS);
        await firstOf(clock, [woken], { ms, signal });
      }
    },
  };
}

/** What a page shows of it, without the times that pass in any case. */
function printOf({ status, concerns }: Look): string {
  if (status === null) return JSON.stringify(concerns);
  const queues = status.queues.map(({ oldestDueSeconds, ...queue }) => [queue, oldestDueSeconds > 0]);
  const processes = status.processes.map(({ id, role }) => [id, role]);
  return JSON.stringify({ ...status, at: null, queues, processes, concerns });
}

function measure(samples: Sample[], { status }: Look, now: number): void {
  if (status === null) return;
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const before = samples.at(-1)?.at === at ? samples.pop() : undefined;
  const behind = status.jobs.reduce((sum, job) => sum + job.behind, 0);
  const waited = Math.max(0, ...status.queues.map(({ oldestDueSeconds }) => oldestDueSeconds));
  samples.push({
    at,
    waitedSeconds: Math.max(before?.waitedSeconds ?? 0, waited),
    behind: Math.max(before?.behind ?? 0, behind),
  });
  if (samples.length > DAY_MINUTES) samples.shift();
}
