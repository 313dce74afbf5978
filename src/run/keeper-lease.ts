import type { LeaseRecord, Leases } from '../engine/crew-port.ts';
import type { Clock } from '../kit/clock.ts';
import { HeldByAnother } from '../kit/held-by-another.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';
import { toldOf } from '../kit/told.ts';
import { Fault } from '../model/fault.ts';

/**
 * Which of several processes is the keeper.
 *
 *   candidate ──> the lease is nobody's, or its holder showed no sign of life for 15 s ──> holder
 *   holder ──> shows a sign every 5 s ──> no sign could be shown for 15 s, or another has the lease ──> candidate
 *
 * A holder counts from before it showed its sign, a candidate from after it saw it: a holder has stopped before anybody else
 * begins, unless a clock leapt or a write was under way for that long. What such a late write could do is made harmless where
 * it is stored (deploy/decisions, "one keeper").
 */
export interface KeeperLease {
  isHeld(): boolean;
  /** Throws `lease-lost` unless this process is the keeper at this moment. */
  demand(): void;
  /** Works whenever this process has the lease, until the signal aborts. The work's signal aborts with the lease as well. */
  run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Works once. Throws `HeldByAnother` when there is a keeper alive. */
  once<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface LeaseOptions {
  readonly leases: Leases;
  /** Names this process. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The lease as it stands, and since when it has been seen so, by our own clock. */
interface Seen {
  readonly record: LeaseRecord | null;
  readonly since: number;
}

const KEEPER = 'keeper';
const TTL_MS = 15_000;
const RENEW_MS = TTL_MS / 3;
const LOOK_MS = 2_000;
/** After a failure to reach the ledger. */
const AGAIN_MS = 1_000;

export function createKeeperLease(options: LeaseOptions): KeeperLease {
  return new Candidate(options);
}

class Candidate implements KeeperLease {
  readonly #options: LeaseOptions;
  /** Until when the lease is ours for sure (milliseconds since 1970); 0 without it. */
  #until = 0;
  #seen: Seen | null = null;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  isHeld(): boolean {
    return this.#options.clock.now() < this.#until;
  }

  demand(): void {
    if (!this.isHeld()) throw new Fault('lease-lost', 'another process is the keeper by now');
  }

  async run(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        const token = await this.#tryToTake();
        if (token !== null) await this.#hold({ token, signal }, work);
        else await slept(clock, LOOK_MS, signal);
      } catch (error) {
        log.tell('keeper-failed', { error: toldOf(error) });
        await slept(clock, AGAIN_MS, signal);
      }
    }
  }

  async once<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    let first: Seen | null = null;
    for (;;) {
      const token = await this.#tryToTake();
      if (token !== null) return this.#hold({ token, signal }, work);
      signal.throwIfAborted();
      first ??= this.#seen;
      const holder = this.#seen?.record?.holder ?? null;
      // It showed a sign while we watched: it is alive.
      if (this.#seen !== first && holder !== null)
        throw new HeldByAnother(
          `the process ${holder} is the keeper: it does this work; stop it, or look at it with "contact-sync status"`,
        );
      await slept(clock, AGAIN_MS, signal);
    }
  }

  async #tryToTake(): Promise<number | null> {
    const { leases, holder, clock, log } = this.#options;
    const record = await leases.read(KEEPER);
    const now = clock.now();
    const before = this.#seen;
    if (before === null || !isSame(before.record, record)) this.#seen = { record, since: now };
    const since = this.#seen?.since ?? now;
    const isFree = record === null || record.holder === null || now - since >= TTL_MS;
    if (!isFree) return null;
    const token = await leases.take(KEEPER, { holder, seen: record, at: now });
    if (token === null) return null;
    this.#until = now + TTL_MS;
    log.tell('keeper-at-work', { token, before: record?.holder ?? null });
    return token;
  }

  async #hold<T>(
    { token, signal }: { token: number; signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { leases, log } = this.#options;
    const over = new AbortController();
    const lost = new AbortController();
    const keeping = this.#keep(token, over.signal).catch(() => {
      log.tell('keeper-lease-lost', { token });
      this.#until = 0;
      lost.abort(new Fault('lease-lost', 'another process is the keeper by now'));
    });
    try {
      return await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      over.abort();
      await keeping;
      this.#until = 0;
      await leases.release(KEEPER, token).catch((error: unknown) => {
        log.tell('keeper-lease-kept', { error: toldOf(error) });
      });
    }
  }

  /** Shows signs of life until the signal aborts; rejects when the lease is lost. */
  async #keep(token: number, signal: AbortSignal): Promise<void> {
    const { leases, clock, log } = this.#options;
    let pause = RENEW_MS;
    while (await slept(clock, pause, signal)) {
      this.demand();
      const at = clock.now();
      try {
        // An answer that does not come is no lease: the wait for it ends with what we have.
        const renewed = await this.#before(this.#until, leases.renew(KEEPER, token, at));
        if (!renewed) throw new Fault('lease-lost', 'another process has taken the lease');
        this.#until = at + TTL_MS;
        pause = RENEW_MS;
      } catch (error) {
        if (error instanceof Fault && error.kind === 'lease-lost') throw error;
        log.tell('keeper-sign-missed', { error: toldOf(error) });
        pause = AGAIN_MS;
      }
    }
  }

  async #before<T>(until: number, answer: Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const stop = new AbortController();
    const late = slept(clock, until - clock.now(), stop.signal).then((isLate) => {
      if (isLate) throw new Fault('lease-lost', 'no sign of life could be stored in time');
      return answer;
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      stop.abort();
      late.catch(() => {});
    }
  }
}

function isSame(one: LeaseRecord | null, other: LeaseRecord | null): boolean {
  return one?.token === other?.token && one?.beat === other?.beat && one?.holder === other?.holder;
}
