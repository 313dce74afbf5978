import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { BatchPolicy } from './batch-size.ts';
import type { GraphClient } from './client.ts';
import type { ThrottleJournal } from './throttle-journal.ts';
import type { GraphLimits, Throttle, ThrottleOptions } from './throttle.ts';

export interface PackerOptions extends Pick<ThrottleOptions, 'windows'> {
  readonly client: GraphClient;
  readonly limits: GraphLimits;
  /** Made of the other options unless given: whoever gives it may change its share. */
  readonly throttle?: Throttle;
  /** Where refusals are noted. */
  readonly journal?: ThrottleJournal;
  /** Where answers to parts of batches are counted. */
  readonly answers?: Answers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * `economy` (unless given): batches of 20, the fewest requests. `swift`: the smallest batches, of 4 or a multiple, with
   * which all that waits leaves at once, since Graph runs four parts at a time; as `economy` when that takes 20.
   */
  readonly policy?: BatchPolicy;
  /** Calls in a full batch; 20 unless given. */
  readonly batchSize?: number;
  /** How long a call waits for company, in milliseconds; 3 unless given. */
  readonly patienceMs?: number;
}
