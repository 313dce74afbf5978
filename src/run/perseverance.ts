import type { Needs } from '../engine/needs.ts';
import { slept } from '../kit/loop.ts';
import { toldOf } from '../kit/told.ts';
import { Fault } from '../model/fault.ts';
import { hinderedSince } from './tenant-notes.ts';

const START_RETRY_MS = 10_000;

/** Remembers for `status` since when nothing succeeds in a tenant. */
export async function noteHindrance<T>(
  { ledger, clock }: Pick<Needs, 'ledger' | 'clock'>,
  tenant: string,
  work: () => Promise<T>,
): Promise<T> {
  const name = hinderedSince(tenant);
  try {
    const result = await work();
    if ((await ledger.counters.read(name)) !== 0) await ledger.counters.set(name, 0);
    return result;
  } catch (error) {
    if ((await ledger.counters.read(name)) === 0) await ledger.counters.set(name, clock.now());
    throw error;
  }
}

/** Tried again until it succeeds; false when the signal aborts before. */
export async function untilDone(
  { needs, tenant, work }: { needs: Needs; tenant: string; work: () => Promise<void> },
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      const retryAt = error instanceof Fault ? (error.retryAt ?? 0) : 0;
      const waitMs = Math.max(START_RETRY_MS, retryAt - needs.clock.now());
      needs.log.tell('start-incomplete', {
        tenant,
        error: toldOf(error),
        retrySeconds: Math.ceil(waitMs / 1000),
      });
      await slept(needs.clock, waitMs, signal);
    }
  }
  return false;
}
