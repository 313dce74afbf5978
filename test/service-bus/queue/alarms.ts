import type { Clock } from '../../../src/kit/clock.ts';

/** Something that is to happen at a time, until it is cancelled. */
export interface Alarm {
  readonly at: number;
  readonly ring: () => void;
  /** Where it stands in the heap; -1 when it rang or was cancelled. */
  index: number;
}

/** Every time limit of a bus on one sleeping timer: to set and to cancel costs the logarithm of how many there are. */
export class Alarms {
  readonly #clock: Clock;
  readonly #heap: Alarm[] = [];
  #sleep: { readonly until: number; readonly stop: AbortController } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** `at`: milliseconds since 1970; Infinity never rings. */
  set(at: number, ring: () => void): Alarm {
    const alarm: Alarm = { at, ring, index: -1 };
    if (at === Infinity) return alarm;
    alarm.index = this.#heap.length;
    this.#heap.push(alarm);
    this.#up(alarm);
    this.#arm();
    return alarm;
  }

  cancel(alarm: Alarm | null): void {
    if (alarm === null || alarm.index === -1) return;
    const last = this.#heap.pop();
    if (last !== undefined && last !== alarm) {
      this.#place(last, alarm.index);
      this.#up(last);
      this.#down(last);
    }
    alarm.index = -1;
  }

  /** Forgets everything, so that no timer keeps the process alive. */
  close(): void {
    for (const alarm of this.#heap) alarm.index = -1;
    this.#heap.length = 0;
    this.#sleep?.stop.abort();
    this.#sleep = null;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined) return;
    if (this.#sleep !== null && this.#sleep.until <= first.at) return;
    this.#sleep?.stop.abort();
    const stop = new AbortController();
    this.#sleep = { until: first.at, stop };
    this.#clock.sleep(first.at - this.now(), stop.signal).then(
      () => this.#woken(stop),
      () => undefined,
    );
  }

  #woken(stop: AbortController): void {
    if (this.#sleep?.stop !== stop) return;
    this.#sleep = null;
    const now = this.now();
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.cancel(first);
      first.ring();
    }
    this.#arm();
  }

  #up(alarm: Alarm): void {
    while (alarm.index > 0) {
      const parent = this.#heap[(alarm.index - 1) >> 1] as Alarm;
      if (parent.at <= alarm.at) return;
      this.#swap(parent, alarm);
    }
  }

  #down(alarm: Alarm): void {
    for (;;) {
      const left = this.#heap[2 * alarm.index + 1];
      const right = this.#heap[2 * alarm.index + 2];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || alarm.at <= child.at) return;
      this.#swap(alarm, child);
    }
  }

  #swap(upper: Alarm, lower: Alarm): void {
    const { index } = upper;
    this.#place(upper, lower.index);
    this.#place(lower, index);
  }

  #place(alarm: Alarm, index: number): void {
    this.#heap[index] = alarm;
    alarm.index = index;
  }
}
