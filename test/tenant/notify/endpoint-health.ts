/** Thresholds and windows of the text of April 2026 (learn.microsoft.com/graph/change-notifications-delivery-webhooks). */
const WINDOW_MS = 600_000;
const SLOW_OVER_MS = 3_000;
const SLOW_SHARE = 0.1;
const DROP_OVER_MS = 10_000;
const DROP_SHARE = 0.15;
/** Answers looked at when a state is re-evaluated: a "small sample". */
const SMALL_SAMPLE = 5;

export type EndpointState = 'ok' | 'slow' | 'drop';

/** How one endpoint answers; its state is shared by every subscription on it. */
export class EndpointHealth {
  readonly #sample: number;
  #needed: number;
  #window = { from: 0, all: 0, slow: 0, drop: 0 };
  #state: EndpointState = 'ok';
  #until = 0;

  constructor(sample: number) {
    this.#sample = sample;
    this.#needed = sample;
  }

  record(now: number, ms: number): void {
    if (now - this.#window.from >= WINDOW_MS) this.#window = { from: now, all: 0, slow: 0, drop: 0 };
    const window = this.#window;
    window.all += 1;
    if (ms >= SLOW_OVER_MS) window.slow += 1;
    if (ms >= DROP_OVER_MS) window.drop += 1;
    if (window.all < this.#needed) return;
    if (window.drop / window.all > DROP_SHARE) this.#enter('drop', now);
    else if (window.slow / window.all > SLOW_SHARE) this.#enter('slow', now);
    else this.#needed = this.#sample;
  }

  state(now: number): EndpointState {
    if (this.#state !== 'ok' && now >= this.#until) {
      this.#state = 'ok';
      this.#needed = Math.min(this.#sample, SMALL_SAMPLE);
      this.#window = { from: now, all: 0, slow: 0, drop: 0 };
    }
    return this.#state;
  }

  #enter(state: EndpointState, now: number): void {
    this.#state = state;
    this.#until = now + WINDOW_MS;
  }
}
