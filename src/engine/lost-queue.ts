import type { Log } from '../kit/log.ts';
import type { Ledger } from './ledger-port.ts';
import { noteLoss } from './recall.ts';
import { roundWanted } from './turn.ts';

/**
 * The queue is new although the ledger is not: what was on its way is gone, and the ledger believes it sent. Every place
 * is read and filled anew, and everybody is looked at again. `at`: now, in milliseconds since 1970. Call it before the new queue is stored, so that a crash in
 * between finds the queue missing once more.
 */
export async function recoverLostQueue(ledger: Ledger, log: Log, at: number): Promise<void> {
  for (const route of await ledger.routes.all()) {
    const slabs = await ledger.slabs.of(route.key);
    if (slabs.length === 0) continue;
    log.tell('queue-lost', {
      route: route.id,
      slabs: slabs.length,
    });
    await ledger.counters.add(roundWanted(route.sourceTenant), 1);
    // Where the queue is gone, the ledger may be one from before.
    await noteLoss(ledger, route.targetTenant, at);
    for (const { tenant, slab } of slabs) {
      const { current } = await ledger.slabs.generation(tenant, slab);
      await ledger.slabs.distrust(tenant, slab, { generation: current, at });
    }
  }
}
