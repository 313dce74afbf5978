import { createHash } from 'node:crypto';
import type { Clock } from '../../src/kit/clock.ts';
import type { Transport } from '../../src/kit/transport.ts';

/** A storm of some 35 changes takes about a thousand. */
const RUNAWAY_STEPS = 40_000;

/** Everything that goes over the wire, in its order: the same for the same seed. */
export class Trace {
  steps = 0;
  readonly #hash = createHash('sha256');
  readonly #clock: Clock;
  readonly #seed: number;

  constructor(clock: Clock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** `onAnswer`: called before the answer is handed on. */
  follow(transport: Transport, onAnswer: () => void): Transport {
    return async (request) => {
      this.steps += 1;
      if (this.steps > RUNAWAY_STEPS) throw new Error(`Seed ${this.#seed} runs away.`);
      const sentAt = this.#clock.now();
      const answer = await transport(request);
      onAnswer();
      this.#hash.update(
        `${sentAt} ${request.method} ${request.url} ${this.#clock.now()} ${answer.status} ${answer.body.length}\n`,
      );
      return answer;
    };
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
