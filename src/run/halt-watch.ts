import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { beginReverts } from '../engine/revert.ts';
import { repeat } from '../kit/loop.ts';

/**
 * Follows what administrators order in the ledger, from whatever process: routes that are stopped, that go on, and whose
 * contacts are to be taken back. Runs until the signal aborts.
 */
export async function watchHalts(
  needs: Needs,
  { everyMs, rounds }: { readonly everyMs: number; readonly rounds: () => Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  const look = async (): Promise<void> => {
    const changed = await needs.halts.refresh();
    await beginReverts(needs);
    if (!changed) return;
    needs.log.info('an administrator stopped or resumed work', {
      stopped: needs.routes.filter(({ id }) => needs.halts.of(id) !== null).map(({ id }) => id),
    });
    // What waited in the ledger meanwhile.
    await sendOutstanding(needs);
    await rounds();
  };
  await repeat(needs, { name: 'halts', next: () => everyMs, run: look }, signal);
}
