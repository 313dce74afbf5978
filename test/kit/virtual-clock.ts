import type { Clock } from '../../src/kit/clock.ts';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly ring: () => void;
  cancelled: boolean;
}

/**
 * Time that moves only when it is told to. Alarms ring one at a time, in order of their time and then of
 * their setting, and everything that an alarm set in motion settles before the next one rings: one seed, one run.
 */
export class VirtualClock implements Clock {
  readonly #alarms: Alarm[] = [];
  readonly #settleRounds: number;
  #now: number;
  #order = 0;
  #pending = 0;

  /** `settleRounds`: macrotask turns awaited before time moves; more than one for code that itself uses `setImmediate`. */
  constructor(options: { now?: number; settleRounds?: number } = {}) {
    this.#now = options.now ?? Date.parse('2026-01-05T08:00:00Z');
    this.#settleRounds = options.settleRounds ?? 3;
  }

  now(): number {
    return this.#now;
  }

  /** How many sleepers there are. */
  get pending(): number {
    return this.#pending;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        if (alarm.cancelled) return;
        alarm.cancelled = true;
        this.#pending -= 1;
        reject(signal?.reason as Error);
      };
      const alarm: Alarm = {
        // Whole milliseconds, as the system's clock shows them.
        at: this.#now + Math.max(0, Math.ceil(ms)),
        order: (this.#order += 1),
        cancelled: false,
        ring: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      this.#pending += 1;
      push(this.#alarms, alarm);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Lets everything settle, rings the next alarm and lets that settle. False when nobody sleeps (by `until`). */
  async step(until: number = Infinity): Promise<boolean> {
    await this.settle();
    return this.#ring(until);
  }

  /** Rings every alarm up to `until` (milliseconds since 1970), which is the time afterwards; without it, until nobody sleeps. */
  async run(until: number = Infinity): Promise<void> {
    await this.settle();
    while (await this.#ring(until));
    if (until !== Infinity) this.#now = Math.max(this.#now, until);
  }

  /** Rings alarms until the state is reached. Throws when it was not by `limitMs` from now. */
  async runUntil(reached: () => boolean, limitMs: number = 24 * 3_600_000): Promise<void> {
    const limit = this.#now + limitMs;
    await this.settle();
    while (!reached()) {
      if (!(await this.#ring(limit)))
        throw new Error(`The awaited state was not reached within ${limitMs} ms`);
    }
  }

  /** Lets time pass until the promise is settled, and hands on what it came to. */
  async through<T>(work: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    work.then(note, note);
    await this.runUntil(() => settled, limitMs);
    return work;
  }

  /** Promise reactions, and what they set in motion, have all run afterwards. */
  async settle(): Promise<void> {
    for (let round = 0; round < this.#settleRounds; round += 1) await turn();
  }

  async #ring(until: number): Promise<boolean> {
    const alarm = this.#next(until);
    if (alarm === undefined) return false;
    this.#now = Math.max(this.#now, alarm.at);
    this.#pending -= 1;
    alarm.cancelled = true;
    alarm.ring();
    await this.settle();
    return true;
  }

  #next(until: number): Alarm | undefined {
    for (;;) {
      const first = this.#alarms[0];
      if (first === undefined) return undefined;
      if (!first.cancelled && first.at > until) return undefined;
      pop(this.#alarms);
      if (!first.cancelled) return first;
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function before(left: Alarm, right: Alarm): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function push(heap: Alarm[], alarm: Alarm): void {
  let at = heap.length;
  heap.push(alarm);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(alarm, heap[parent] as Alarm)) break;
    heap[at] = heap[parent] as Alarm;
    at = parent;
  }
  heap[at] = alarm;
}

function pop(heap: Alarm[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Alarm, heap[child] as Alarm)) child += 1;
    if (!before(heap[child] as Alarm, last)) break;
    heap[at] = heap[child] as Alarm;
    at = child;
  }
  heap[at] = last;
}
