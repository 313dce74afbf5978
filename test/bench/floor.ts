import type { Config } from '../../src/kit/config/config.ts';
import { SUB_REQUESTS_A_BATCH } from './figure.ts';

/** Parts of one batch that Graph runs against Outlook at a time (learn.microsoft.com/graph/json-batching). */
const PARALLEL = 4;

export interface Schedule {
  readonly batches: number;
  readonly tookMs: number;
}

export interface Given {
  readonly policy: Config['policy'];
  /** Batches in flight. */
  readonly concurrency: number;
  /** Of one call to Outlook. */
  readonly latencyMs: number;
}

/**
 * The best that so many calls to different mailboxes can be done with, when every slot is always taken. `economy`: batches
 * of 20, the fewest. `swift`: as few rounds of four to a batch as let all leave at once.
 */
export function floorOf(calls: number, { policy, concurrency, latencyMs }: Given): Schedule {
  const rounds = Math.max(1, Math.ceil(calls / (PARALLEL * concurrency)));
  const size = policy === 'swift' ? Math.min(SUB_REQUESTS_A_BATCH, PARALLEL * rounds) : SUB_REQUESTS_A_BATCH;
  const batches = Math.ceil(calls / size);
  return { batches, tookMs: Math.ceil(batches / concurrency) * (size / PARALLEL) * latencyMs };
}
