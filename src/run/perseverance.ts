import type { Needs } from '../engine/needs.ts';
import { slept } from '../kit/loop.ts';
import { toldOf } from '../kit/told.ts';
import { Fault } from '../model/fault.ts';
import { hinderedSince } from './tenant-notes.ts';

const START_RETRY_MS = 10_000;

/** Remembers for `status` since when nothing succeeds in a tenant. `work` asks something of the tenant, whenever it is done. */
export async function noteHindrance<T>(needs: Noting, tenant: string, work: () => Promise<T>): Promise<T> {
  const result = await noteFailure(needs, tenant, work);
  const { counters } = needs.ledger;
  const name = hinderedSince(tenant);
  if ((await counters.read(name)) !== 0) await counters.set(name, 0);
  return result;
}

type Noting = Pick<Needs, 'ledger' | 'clock'>;

/** The same of work that may find nothing to ask: that it went well says nothing of the tenant. */
export async function noteFailure<T>(
  { ledger, clock }: Noting,
  tenant: string,
  work: () => Promise<T>,
): Promise<T> {
  const name = hinderedSince(tenant);
  try {
    return await work();
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
