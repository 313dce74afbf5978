import type { Config } from '../../kit/config/config.ts';
import { withQueues, type Queues } from '../queues-beside.ts';
import type { Surroundings } from '../service.ts';
import type { Letter, QueueName } from './report.ts';

/** The dead letters of both queues, beside whoever works on them. */
export interface DeadLetters {
  all(): Promise<Letter[]>;
  /** Forgets these and nothing else; returns how many were still there. */
  discard(letters: readonly Pick<Letter, 'queue' | 'id'>[]): Promise<number>;
}

const NAMES: readonly QueueName[] = ['changes', 'writes'];

/** Opens the queues of the configuration for a while. Where there are none yet, there are no letters. */
export function withDeadLetters<T>(
  config: Config,
  surroundings: Surroundings,
  use: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  return withQueues(config, surroundings, (queues) =>
    use(
      queues === null
        ? { all: () => Promise.resolve([]), discard: () => Promise.resolve(0) }
        : lettersOf(queues),
    ),
  );
}

export function lettersOf(queues: Queues): DeadLetters {
  return {
    async all() {
      const found = await Promise.all(
        NAMES.map(async (queue) =>
          (await queues[queue].deadLetters()).map((letter): Letter => ({ ...letter, queue })),
        ),
      );
      return found.flat();
    },
    async discard(letters) {
      let discarded = 0;
      for (const name of NAMES) {
        const ids = letters.filter(({ queue }) => queue === name).map(({ id }) => id);
        if (ids.length > 0) discarded += await queues[name].discard(ids);
      }
      return discarded;
    },
  };
}
