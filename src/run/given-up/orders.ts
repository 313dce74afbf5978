import type { Ledger } from '../../engine/ledger-port.ts';
import type { Setback } from '../../engine/setback-book.ts';
import { takeUp } from '../../engine/setbacks.ts';
import type { Config } from '../../kit/config/config.ts';
import { withLedger } from '../orders.ts';
import type { Surroundings } from '../service.ts';
import { withDeadLetters, type DeadLetters } from './queues.ts';
import {
  letterId,
  reportLetter,
  reportSetback,
  setbackId,
  type Circumstances,
  type GivenUp,
  type GivenUpReport,
  type Letter,
} from './report.ts';

/**
 * What was given up lies in two places, and an administrator sees one list. There is one way back for all of it: a dead letter
 * goes into the ledger's book of setbacks as due, and a keeper sends what is due there through the queues.
 */

/** What `dead retry` did. */
export interface Revived {
  /** Due from now on. */
  readonly retried: readonly GivenUp[];
  /** Left as they are; `next` and `remedy` say why. */
  readonly left: readonly GivenUp[];
}

/** Bounds memory; more than a person reads. */
const MOST = 10_000;

interface Found {
  readonly ledger: Ledger;
  readonly queues: DeadLetters;
  readonly circumstances: Circumstances;
  readonly letters: readonly Letter[];
  readonly setbacks: readonly Setback[];
}

/** Everything that was given up. Changes nothing. */
export function listGivenUp(config: Config, surroundings: Surroundings): Promise<GivenUpReport> {
  return withFound(config, surroundings, async ({ ledger, circumstances, letters, setbacks }) => {
    const things = [
      ...letters.map((letter) => reportLetter(letter, circumstances)),
      ...setbacks.map((setback) => reportSetback(setback, circumstances)),
    ];
    const counts = await ledger.setbacks.count();
    return {
      at: new Date(circumstances.now).toISOString(),
      total: letters.length + [...counts.values()].reduce((sum, number) => sum + number, 0),
      things: things.toSorted((left, right) => Date.parse(right.at) - Date.parse(left.at)),
    };
  });
}

/** The one of that id, or everything, is tried again by a running service within a minute. Null: there is none of that id. */
export function retryGivenUp(
  config: Config,
  surroundings: Surroundings,
  id?: string,
): Promise<Revived | null> {
  return withFound(config, surroundings, async ({ ledger, queues, circumstances, ...found }) => {
    const letters = found.letters.filter((one) => id === undefined || letterId(one) === id);
    const setbacks = found.setbacks.filter((one) => id === undefined || setbackId(one) === id);
    if (id !== undefined && letters.length + setbacks.length === 0) return null;
    const readable = letters.flatMap(({ body, ...letter }) => (body === null ? [] : { ...letter, body }));
    const resting = setbacks.filter(({ retryAt }) => retryAt !== null);
    await takeUp(ledger, readable);
    await queues.discard(readable);
    await ledger.setbacks.retry(id === undefined ? undefined : resting);
    const told = { ...circumstances, now: surroundings.clock.now() };
    const retried = [
      ...readable.map((letter) => reportLetter(letter, told)),
      ...resting.map((setback) => reportSetback({ ...setback, retryAt: 0 }, told)),
    ];
    for (const one of retried) surroundings.log.tell('given-up-retried', keysOf(one));
    return {
      retried,
      left: [
        ...letters.filter(({ body }) => body === null).map((letter) => reportLetter(letter, told)),
        ...setbacks.filter(({ retryAt }) => retryAt === null).map((one) => reportSetback(one, told)),
      ],
    };
  });
}

/** Forgets the one of that id, and nothing else; returns it as it was. Null: there is none, or not any more. */
export function dropGivenUp(config: Config, surroundings: Surroundings, id: string): Promise<GivenUp | null> {
  return withFound(config, surroundings, async ({ ledger, queues, circumstances, letters, setbacks }) => {
    const [letter] = letters.filter((one) => letterId(one) === id);
    const [setback, ...more] = setbacks.filter((one) => setbackId(one) === id);
    const dropped =
      letter !== undefined
        ? reportLetter(letter, circumstances)
        : setback !== undefined && more.length === 0
          ? reportSetback(setback, circumstances)
          : null;
    if (dropped === null) return null;
    if (letter !== undefined && (await queues.discard([letter])) === 0) return null;
    if (letter === undefined && setback !== undefined) await ledger.setbacks.clear([setback]);
    surroundings.log.tell('given-up-dropped', keysOf(dropped));
    return dropped;
  });
}

function withFound<T>(
  config: Config,
  surroundings: Surroundings,
  use: (found: Found) => Promise<T>,
): Promise<T> {
  return withLedger(config, (ledger) =>
    withDeadLetters(config, surroundings, async (queues) =>
      use({
        ledger,
        queues,
        circumstances: {
          now: surroundings.clock.now(),
          tenants: new Set(config.tenants.map((tenant) => tenant.id)),
        },
        letters: await queues.all(),
        setbacks: await ledger.setbacks.latest(MOST),
      }),
    ),
  );
}

/** Of a log line: ids and constant texts. */
function keysOf({ id, keptIn, kind, tenant, mailbox, route, object, slab, reason }: GivenUp) {
  return { id, keptIn, kind, tenant, mailbox, route, object, slab, reason };
}
