import type { Fault, FaultKind } from '../model/fault.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { park } from './parking.ts';
import type { Outcome } from './ports.ts';

/** Nothing that is sent to this mailbox can succeed for a while: full, forbidden, or not there. */
const UNUSABLE: ReadonlySet<FaultKind> = new Set<FaultKind>(['mailbox-unavailable', 'quota', 'forbidden']);

/** Where an operation met a failure. */
export interface Trouble {
  readonly place: PlaceRecord;
  readonly outcome: Outcome | undefined;
}

/**
 * Remembers what failures say about a mailbox as a whole: until when it asked to be left alone, and whether it can be
 * used at all. Only that mailbox waits; what it misses meanwhile its next fill finds.
 */
export async function noteTroubles(
  needs: Pick<Needs, 'ledger' | 'clock' | 'log' | 'timing'>,
  tenant: string,
  troubles: readonly Trouble[],
): Promise<void> {
  const waits = new Map<string, number>();
  const parked = new Map<string, Fault>();
  for (const { place, outcome } of troubles) {
    if (outcome?.kind !== 'fault') continue;
    const { fault } = outcome;
    if (UNUSABLE.has(fault.kind)) parked.set(place.owner, fault);
    if (fault.retryAt !== undefined)
      waits.set(place.owner, Math.max(waits.get(place.owner) ?? 0, fault.retryAt));
  }
  if (waits.size > 0) {
    await needs.ledger.mailboxes.wait(
      tenant,
      [...waits].map(([owner, until]) => ({ owner, until })),
    );
  }
  await park(needs, tenant, parked);
}

/** A folder that cannot be found is looked for again by its mark before anything else happens in its place. */
export async function reopen(needs: Pick<Needs, 'ledger'>, places: Iterable<number>): Promise<void> {
  const lost = [...places];
  if (lost.length > 0) await needs.ledger.places.restart(lost, 'folder');
}
