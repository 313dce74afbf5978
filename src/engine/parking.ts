import type { Fault } from '../model/fault.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { MailboxRecord, Parking } from './mailbox-port.ts';
import { portOf, type Needs } from './needs.ts';

/** A mailbox that is not ready is retried for days, not minutes: the waits double up to 24 times the first one. */
const LONGEST_FACTOR = 24;
/** A deleted owner and the mailbox can be restored, together, for so long (Microsoft Graph, directory: deletedItems). */
const RESTORABLE_MS = 30 * 86_400_000;

/** How long a mailbox that cannot be used is left alone, longer each time in a row. Pure. */
export function parkingOf(
  mailbox: Pick<MailboxRecord, 'probes' | 'troubledSince'> | undefined,
  { reason, now, parkMs }: { reason: string; now: number; parkMs: number },
): Parking {
  const probes = (mailbox?.probes ?? 0) + 1;
  const factor = Math.min(LONGEST_FACTOR, 2 ** (probes - 1));
  return { reason, probes, until: now + parkMs * factor, since: mailbox?.troubledSince ?? now };
}

/** Parks mailboxes, by owner. One that is parked already, by an earlier answer of the same turn, is left as it is. */
export async function park(
  needs: Pick<Needs, 'ledger' | 'clock' | 'log' | 'timing'>,
  tenant: string,
  faults: ReadonlyMap<string, Fault>,
): Promise<void> {
  if (faults.size === 0) return;
  const known = await needs.ledger.mailboxes.of(tenant, [...faults.keys()]);
  for (const mailbox of known) {
    const fault = faults.get(mailbox.owner);
    if (!fault || mailbox.state === 'parked') continue;
    const reason = fault.code ?? fault.kind;
    const parking = parkingOf(mailbox, { reason, now: needs.clock.now(), parkMs: needs.timing.parkMs });
    needs.log.tell('mailbox-parked', { tenant, mailbox: mailbox.owner, reason, probes: parking.probes });
    await needs.ledger.mailboxes.park(tenant, mailbox.owner, parking);
  }
}

/**
 * Forgets places that are to be emptied and cannot be: nobody could use the mailbox for as long as it could have been
 * restored, and its owner is not to be found either. Should both come back all the same, the folder is met by its mark.
 */
export async function forgetForsaken(
  needs: Needs,
  tenant: string,
  places: readonly PlaceRecord[],
): Promise<void> {
  const before = needs.clock.now() - RESTORABLE_MS;
  const given = places.filter(
    ({ state, troubledSince }) => state === 'leaving' && troubledSince !== null && troubledSince <= before,
  );
  if (given.length === 0) return;
  const owners = [...new Set(given.map(({ owner }) => owner))];
  const parked = new Set(
    (await needs.ledger.mailboxes.of(tenant, owners))
      .filter(({ state }) => state === 'parked')
      .map(({ owner }) => owner),
  );
  const sightings = await portOf(needs.sources, tenant).look([...parked]);
  for (const { place, owner, routeId } of given) {
    if (!parked.has(owner) || sightings.get(owner)?.kind !== 'absent') continue;
    needs.log.tell('place-forgotten', {
      tenant,
      mailbox: owner,
      route: routeId,
    });
    await needs.ledger.places.forget([place]);
  }
}
