import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { Transport } from '../../../src/kit/transport.ts';
import type { Background, Sleep } from '../background.ts';
import { EndpointHealth, type EndpointState } from './endpoint-health.ts';
import { postWithin } from './post.ts';

/** A 2xx within this time, or the delivery is tried again; later tries get longer (learn.microsoft.com/graph/change-notifications-delivery-webhooks). */
const FIRST_DEADLINE_MS = 3_000;
const RETRY_DEADLINE_MS = 10_000;
/** Retried for up to four hours with exponential back-off; the schedule itself is not documented. */
const GIVE_UP_MS = 4 * 3_600_000;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 1_800_000;

interface CourierOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly background: Background;
  readonly endpointSample: number;
}

/** Brings posts to an endpoint: deadlines, retries, and the slow and drop states of an endpoint. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #health = new Map<string, EndpointHealth>();
  /** Posts that were answered with 2xx in time. */
  delivered = 0;
  /** Attempts that were not. */
  failed = 0;
  /** Posts given up after four hours. */
  abandoned = 0;
  inFlight = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  state(url: string): EndpointState {
    return this.#healthOf(url).state(this.#options.clock.now());
  }

  /** Until it is delivered or given up. */
  deliver(url: string, items: readonly string[]): void {
    this.inFlight += 1;
    this.#options.background.start(async (sleep) => {
      await this.#persist(url, { body: `{"value":[${items.join(',')}]}`, sleep });
      this.inFlight -= 1;
    });
  }

  async #persist(url: string, what: { body: string; sleep: Sleep }): Promise<void> {
    const { clock, random, transport } = this.#options;
    const from = clock.now();
    const { body } = what;
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    for (let attempt = 0; ; attempt += 1) {
      const deadlineMs = attempt === 0 ? FIRST_DEADLINE_MS : RETRY_DEADLINE_MS;
      const posted = await postWithin(
        { transport, clock, deadlineMs },
        { method: 'POST', url, headers, body },
      );
      this.#healthOf(url).record(clock.now(), posted.ms);
      const status = posted.response?.status ?? 0;
      if (status >= 200 && status < 300) {
        this.delivered += 1;
        return;
      }
      this.failed += 1;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.75 + random.float() / 2);
      if (clock.now() + pause - from > GIVE_UP_MS) {
        this.abandoned += 1;
        return;
      }
      await what.sleep(pause);
    }
  }

  /** Per endpoint, whatever the query string. */
  #healthOf(url: string): EndpointHealth {
    const endpoint = url.split('?')[0] ?? url;
    let health = this.#health.get(endpoint);
    if (health === undefined) {
      health = new EndpointHealth(this.#options.endpointSample);
      this.#health.set(endpoint, health);
    }
    return health;
  }
}
