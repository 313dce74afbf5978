import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import { shuffle } from '../../kit/seeded-random.ts';
import type { RequestCounter } from '../counts.ts';
import { ConnectionLost } from '../http/gateway.ts';
import type { Oracles } from '../oracles.ts';
import { nameOf, type Arrival, type Door, type Rendered } from './door.ts';
import type { ExchangeDice } from './options.ts';

interface BatchesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: ExchangeDice;
  readonly oracles: Oracles;
  readonly counter: RequestCounter;
  readonly door: Door;
}

interface Part {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly url?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the module itself sends (a higher limit of the server is not confirmed). */
const PARTS_AT_MOST = 10;

/** Several commands in one request: neither whole nor in order. */
export class Batches {
  readonly #options: BatchesOptions;

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  async answer(arrival: Arrival): Promise<Rendered> {
    const { door, oracles, counter, dice, random } = this.#options;
    door.arrives();
    counter.request('POST exchange $batch');
    const parts = (arrival.body as { requests?: readonly Part[] } | undefined)?.requests ?? [];
    if (parts.length === 0 || parts.length > PARTS_AT_MOST)
      oracles.note('oversized-batch', `${parts.length} commands`);
    const ids = new Set(parts.map(({ id }) => id));
    if (ids.size !== parts.length) oracles.note('malformed-request', 'two parts of one id');
    const answered = await Promise.all(parts.map((part) => this.#part(part, arrival)));
    if (dice.roll('exchangeAnswerLost')) throw new ConnectionLost();
    const told = shuffle(random, answered).filter(() => !dice.roll('exchangeMissingPart'));
    for (const { answer } of told) if (arrival.signal?.aborted !== true) door.tell(answer);
    return {
      status: 200,
      body: {
        responses: told.map(({ id, answer }) => ({
          id,
          status: answer.status,
          headers: answer.headers ?? {},
          body: answer.body,
        })),
      },
    };
  }

  async #part(part: Part, { url, headers }: Arrival): Promise<{ id: unknown; answer: Rendered }> {
    const { oracles, counter, door } = this.#options;
    const link = URL.parse(String(part.url), url.href);
    const own = Object.fromEntries(
      Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    if (part.method !== 'POST' || link === null || own['authorization'] === undefined)
      oracles.note('malformed-request', 'a part of a batch is no InvokeCommand of its own');
    counter.part(`InvokeCommand ${nameOf(part.body)}`);
    const answer = await door.run({
      url: link ?? url,
      headers: { ...headers, ...own },
      body: part.body,
    });
    return { id: part.id, answer };
  }
}
