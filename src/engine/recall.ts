import type { Change } from '../model/change.ts';
import { Fault, type FaultKind } from '../model/fault.ts';
import { standingFolder } from '../model/standing.ts';
import type { Ledger } from './ledger-port.ts';
import { faultOf } from './look.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import { changeMessage, newChange } from './send.ts';
import { announceMailboxes } from './sweep.ts';

/**
 * A ledger that was lost, or restored from before, does not know every mailbox that holds a folder of ours: where one is to
 * receive no longer, or a job was withdrawn, nothing else would ever look there.
 *
 *   loss noticed ──> nothing can arrive any more that was sent before ──> every mailbox of the tenant is looked into, once
 *   folder of a route without a place here ──> gets one, and its owner is looked at: receives, or leaves through the guard
 *   folder of a route that nobody knows ──> the same, and the route is a withdrawn one
 *   adopted original of a route without a place here ──> the same as a folder of it
 */

/** Later nobody looks: what was away for so long, a deleted owner or a mailbox without a licence, is not restored any more. */
const SEARCH_MS = 30 * 86_400_000;
/** A mailbox that may be there soon is looked for after this, and then each time after twice as long. */
const AGAIN_MS = 60 * 60_000;
const AWAY: ReadonlySet<FaultKind> = new Set<FaultKind>(['mailbox-unavailable', 'forbidden', 'not-found']);
const REFUSED = 403;

/** The ledger's counter that holds when a loss was last noticed that concerns the tenant's mailboxes (milliseconds since 1970). */
function lostAt(tenant: string): string {
  return `lost at|${tenant}`;
}

/** The same, of the loss for which everybody was announced. */
function searchedFor(tenant: string): string {
  return `searched for|${tenant}`;
}

/** From now on (`at`, milliseconds since 1970) mailboxes of the tenant may hold what the ledger does not know. */
export async function noteLoss(
  { counters }: Pick<Ledger, 'counters'>,
  tenant: string,
  at: number,
): Promise<void> {
  await counters.set(lostAt(tenant), at);
}

/**
 * A ledger without a single route, although contacts may bear the deployment's mark already: it was lost, and with the queue
 * perhaps everything else that would tell.
 */
export async function noteLostLedger(
  ledger: Pick<Ledger, 'counters' | 'routes'>,
  tenants: readonly string[],
  at: number,
): Promise<void> {
  if ((await ledger.routes.all()).length > 0) return;
  for (const tenant of tenants) await noteLoss(ledger, tenant, at);
}

/** Mailboxes of the tenant may hold what the ledger does not know, and nobody has been asked yet to look into them. */
export async function isSearchDue({ counters }: Pick<Ledger, 'counters'>, tenant: string): Promise<boolean> {
  const loss = await counters.read(lostAt(tenant));
  return loss !== 0 && loss !== (await counters.read(searchedFor(tenant)));
}

/** Asks for a look into every mailbox of the tenant, where a loss makes it due; false where none does, or not yet. */
export async function searchMailboxes(needs: Needs, tenant: string): Promise<boolean> {
  const { counters } = needs.ledger;
  if (!(await isSearchDue(needs.ledger, tenant))) return false;
  const loss = await counters.read(lostAt(tenant));
  if (needs.clock.now() < loss + needs.timing.gatewayTimeoutMs) return false;
  const mailboxes = await announceMailboxes(needs, tenant);
  await counters.set(searchedFor(tenant), loss);
  needs.log.tell('ledger-lost', {
    tenant,
    mailboxes,
  });
  return true;
}

/**
 * Who changes within a month after a loss and has no place here may have a mailbox that was away when it was searched: the
 * owner was deleted, or had no licence. It is given an hour to come back.
 */
export async function searchReturned(
  needs: Needs,
  tenant: string,
  changes: readonly Change[],
): Promise<void> {
  const now = needs.clock.now();
  const loss = await needs.ledger.counters.read(lostAt(tenant));
  if (loss === 0 || now > loss + SEARCH_MS) return;
  const events = changes.filter(({ causes }) => causes.some((cause) => cause !== 'configuration'));
  const ids = events.map(({ id }) => id);
  const known = new Set((await needs.ledger.mailboxes.of(tenant, ids)).map(({ owner }) => owner));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  await needs.changes.send(
    unknown.map((id) =>
      changeMessage(newChange({ kind: 'mailbox', tenant, id }, 'configuration', now), AGAIN_MS),
    ),
  );
}

/**
 * Looks into these mailboxes. A folder of ours that no place knows gets one, and a look at its owner is in the outbox: nothing
 * is written there before that, since a place that was found rests. A mailbox that is refused is none of ours to speak of.
 * Returns what failed, by owner.
 */
export async function lookIntoMailboxes(
  needs: Needs,
  tenant: string,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, Fault>> {
  const { ledger } = needs;
  const faults = new Map<string, Fault>();
  const owners = await thoseAtEase(needs, { tenant, changes }, faults);
  const outcomes = await portOf(needs.targets, tenant).apply(
    owners.map((mailbox) => ({ kind: 'list-folders', mailbox })),
    'bulk',
  );
  const at = needs.clock.now();
  const away: string[] = [];
  const open: string[] = [];
  let found = 0;
  for (const [index, owner] of owners.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'folders') {
      const fault = faultOf(outcome);
      if (!AWAY.has(fault.kind)) faults.set(owner, fault);
      else if (fault.status !== REFUSED) away.push(owner);
      continue;
    }
    open.push(owner);
    for (const { route } of outcome.folders) {
      if (route === null || !(await ledger.mailboxes.recall(tenant, owner, { route, at }))) continue;
      found += 1;
      needs.log.tell('folder-recalled', { tenant, mailbox: owner, route });
    }
  }
  found += await recallAdopters(needs, { tenant, owners: open }, faults);
  await rememberWaits(needs, tenant, faults);
  await lookAgain(
    needs,
    tenant,
    changes.filter(({ id }) => away.includes(id)),
  );
  if (found > 0) await sendOutstanding(needs);
  return faults;
}

/**
 * Originals that were adopted stand in folders of their owners', and so do contacts that are shared: there a mailbox without a
 * folder of ours is looked through for them. Returns in how many something was found.
 */
async function recallAdopters(
  needs: Needs,
  { tenant, owners }: { tenant: string; owners: readonly string[] },
  faults: Map<string, Fault>,
): Promise<number> {
  const { ledger } = needs;
  let found = 0;
  for (const { id, key, targetTenant, adopt, shares } of needs.routes) {
    const isOwn = shares !== null && shares.stands !== 'named';
    if (targetTenant !== tenant || (adopt === null && !isOwn)) continue;
    const known = await ledger.mailboxes.of(tenant, owners);
    const receiving = new Set(known.filter(({ routes }) => routes.includes(key)).map(({ owner }) => owner));
    const unknown = owners.filter((owner) => !receiving.has(owner));
    const outcomes = await portOf(needs.targets, tenant).apply(
      unknown.map((mailbox) =>
        isOwn
          ? { kind: 'list', mailbox, route: id, folder: standingFolder(''), fields: [] }
          : { kind: 'list-adopted', mailbox, route: id, fields: [] },
      ),
      'bulk',
    );
    const at = needs.clock.now();
    for (const [index, owner] of unknown.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind !== 'items') faults.set(owner, faultOf(outcome));
      else if (outcome.items.length > 0) {
        if (!(await ledger.mailboxes.recall(tenant, owner, { route: id, at }))) continue;
        found += 1;
        const keys = { tenant, mailbox: owner, route: id };
        needs.log.tell('contacts-recalled', keys);
      }
    }
  }
  return found;
}

/**
 * Those whose mailbox has not asked to be left alone for now. Who asked for a moment is among the faults, and waited for; a
 * look into one that is parked is put off until it is tried again, which is no failure of the look: `status` tells of it.
 */
async function thoseAtEase(
  needs: Needs,
  { tenant, changes }: { tenant: string; changes: readonly Change[] },
  faults: Map<string, Fault>,
): Promise<string[]> {
  const { ledger, clock } = needs;
  const now = clock.now();
  const owners = changes.map(({ id }) => id);
  const parked = new Map<string, number>();
  for (const { owner, state, notBefore } of await ledger.mailboxes.of(tenant, owners))
    if (state === 'parked' && notBefore > now) parked.set(owner, notBefore);
  for (const [owner, retryAt] of await ledger.mailboxes.resting(tenant, owners, now)) {
    if (!parked.has(owner))
      faults.set(owner, new Fault('throttled', 'the mailbox asked to wait', { retryAt, object: owner }));
  }
  const putOff = changes.flatMap((change) => {
    const until = parked.get(change.id);
    return until === undefined ? [] : changeMessage(change, until - now);
  });
  if (putOff.length > 0) await needs.changes.send(putOff);
  return owners.filter((owner) => !faults.has(owner) && !parked.has(owner));
}

async function rememberWaits(
  { ledger }: Needs,
  tenant: string,
  faults: ReadonlyMap<string, Fault>,
): Promise<void> {
  const waits = Array.from(faults, ([owner, { retryAt }]) => ({ owner, until: retryAt ?? 0 }));
  if (waits.length > 0) await ledger.mailboxes.wait(tenant, waits);
}

/** Somebody with a licence has a mailbox, sooner or later. */
async function lookAgain(needs: Needs, tenant: string, subjects: readonly Change[]): Promise<void> {
  const now = needs.clock.now();
  const recent = subjects.filter(({ at }) => now < at + SEARCH_MS);
  if (recent.length === 0) return;
  const sightings = await portOf(needs.sources, tenant).look(
    recent.map(({ id }) => id),
    'bulk',
  );
  const expected = recent.filter(({ id }) => {
    const sighting = sightings.get(id);
    return sighting?.kind === 'unread' || (sighting?.kind === 'present' && sighting.person.licences > 0);
  });
  if (expected.length === 0) return;
  await needs.changes.send(
    expected.map((change) => changeMessage(change, Math.max(AGAIN_MS, now - change.at))),
  );
}
