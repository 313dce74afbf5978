import { availableParallelism } from 'node:os';
import { figure, rounded, type Figure } from './figure.ts';
import { measureFanOuts } from './workers.ts';

const MAILBOXES = 2_000;
const LATENCY_MS = 100;

/** One change of one person in 2,000 mailboxes, by one worker and by two, each with the same number of batches in flight. */
export async function benchWorkers(): Promise<Figure[]> {
  const { one, two, isRight } = await measureFanOuts({ mailboxes: MAILBOXES, latencyMs: LATENCY_MS });
  const [alone, together] = [median(one), median(two)];
  const result = figure({
    name: `two workers, one change in ${MAILBOXES} mailboxes with calls of ${LATENCY_MS} ms, against one`,
    unit: 'of the time of one',
    measured: rounded(together / alone, 2),
    target: 0.6,
    floor: 0.5,
    with: {
      cores: availableParallelism(),
      oneMs: Math.round(alone),
      twoMs: Math.round(together),
      rounds: one.length,
      shape: 'receiver, keeper and workers as processes, over the double and PostgreSQL',
    },
    ...(isRight ? {} : { note: 'void: contacts were wrong at the end' }),
  });
  return [{ ...result, reached: result.reached && isRight }];
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
