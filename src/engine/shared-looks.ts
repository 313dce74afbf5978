import type { Fault } from '../model/fault.ts';
import type { Change } from '../model/change.ts';
import { askAudit } from './audit.ts';
import type { Needs } from './needs.ts';
import type { Outgoing } from './queue-port.ts';
import { changeMessage, newChange } from './send.ts';

/** A look at what the mailbox shares: whoever was to tell of it may not have. */
export function missedLook(tenant: string, mailbox: string, at: number): Outgoing<Change> {
  return changeMessage(newChange({ kind: 'contacts', tenant, id: mailbox }, 'missed', at));
}

/** Every place that shares contacts of this book is asked what changed there: what was announced by nobody is found so. */
export async function askShared(
  needs: Pick<Needs, 'routes' | 'ledger' | 'writes' | 'clock'>,
  book: string,
): Promise<void> {
  for (const [tenant, routes] of Map.groupBy(
    needs.routes.filter(({ sourceTenant, shares }) => sourceTenant === book && shares !== null),
    ({ targetTenant }) => targetTenant,
  )) {
    const keys = routes.map(({ key }) => key);
    const places = await needs.ledger.mailboxes.sharing(tenant, keys);
    await askAudit(
      needs,
      places.map(({ place }) => place),
      'changes',
    );
  }
}

/**
 * Every place in which these mailboxes share their contacts is asked what changed there. Whoever answers may be behind what was
 * announced a moment ago, so it is asked once more. Returns what failed, by mailbox: nothing, since a place is asked later.
 */
export async function lookAtShared(
  needs: Pick<Needs, 'routes' | 'ledger' | 'changes' | 'writes' | 'clock' | 'timing'>,
  tenant: string,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, Fault>> {
  const none = new Map<string, Fault>();
  const sharing = needs.routes.filter((route) => route.targetTenant === tenant && route.shares !== null);
  const places = await needs.ledger.mailboxes.sharing(
    tenant,
    sharing.map(({ key }) => key),
    changes.map(({ id }) => id),
  );
  // One that shares nothing any more: a notification may come late.
  if (places.length === 0) return none;
  await askAudit(
    needs,
    places.map(({ place }) => place),
    'changes',
  );
  const [soon] = needs.timing.secondLookMs;
  const now = needs.clock.now();
  const shared = new Set(places.map(({ owner }) => owner));
  const again = changes
    .filter(({ id, at }) => shared.has(id) && now - at < soon)
    .map((change) => changeMessage(change, soon - (now - change.at)));
  // Before the verdict: a crash in between looks once more, never once less.
  if (again.length > 0) await needs.changes.send(again);
  return none;
}
