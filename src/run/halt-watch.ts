import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { beginReverts } from '../engine/revert.ts';
import { repeat } from '../kit/loop.ts';

/** Follows what administrators stop and take up again, for whoever merely must not write. Runs until the signal aborts. */
export async function followHalts(needs: Needs, everyMs: number, signal: AbortSignal): Promise<void> {
  await repeat(needs, { name: 'halts', next: () => everyMs, run: () => needs.halts.refresh() }, signal);
}

/**
 * Follows what administrators order in the ledger, from whatever process: routes that are stopped, that go on, and whose
 * contacts are to be taken back. Runs until the signal aborts.
 */
export async function watchHalts(
  needs: Needs,
  { everyMs, rounds }: { readonly everyMs: number; readonly rounds: () => Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  // Every turn reads the ledger as well, and may be the first to see something: its own memory tells what is new to it.
  let followed = needs.halts.version;
  const look = async (): Promise<void> => {
    await needs.halts.refresh();
    const { version } = needs.halts;
    await beginReverts(needs);
    if (version === followed) return;
    needs.log.tell('halts-changed', {
      stopped: needs.routes.filter(({ id }) => needs.halts.of(id) !== null).map(({ id }) => id),
    });
    // What waited in the ledger meanwhile.
    await sendOutstanding(needs);
    followed = version;
    await rounds();
  };
  await repeat(needs, { name: 'halts', next: () => everyMs, run: look }, signal);
}
