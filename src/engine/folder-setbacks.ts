import { eventOf } from '../kit/events/catalogue.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { subjectKey, type Subject } from './setback-book.ts';
import { restOf } from './setbacks.ts';
import type { Trouble } from './trouble.ts';
import type { KnownSetbacks, Turn } from './turn.ts';

const NAME_TAKEN = eventOf('folder-name-taken').message;

/**
 * The owner has a folder of that very name, and Exchange takes no second one: theirs is not ours to use or to rename.
 * The place waits as a mailbox that cannot be used does, is shown meanwhile, and goes on by itself once the name is free.
 */
export async function noteNameTaken(
  needs: Pick<Needs, 'clock' | 'log' | 'timing' | 'ledger'>,
  turn: Turn,
  { place, outcome }: Trouble,
): Promise<void> {
  if (outcome?.kind !== 'fault' || outcome.fault.kind !== 'conflict') return;
  const { tenant } = turn;
  needs.log.tell('folder-name-taken', { tenant, mailbox: place.owner, route: place.routeId });
  const failure = {
    ...folderOf(turn, place),
    at: needs.clock.now(),
    reason: NAME_TAKEN,
    causes: [],
    event: 0,
  };
  const { parkMs } = needs.timing;
  const noted = await needs.ledger.setbacks.note([failure], (times) => restOf(times, parkMs));
  for (const one of noted) turn.setbacks.set(subjectKey(one), one);
}

/** The place has its folder, under its name. */
export async function clearFolder(
  needs: Pick<Needs, 'ledger'>,
  turn: Turn,
  place: PlaceRecord,
): Promise<void> {
  const folder = folderOf(turn, place);
  if (!turn.setbacks.delete(subjectKey(folder))) return;
  await needs.ledger.setbacks.clear([folder]);
}

/** Until when the place's folder is neither made nor renamed (milliseconds since 1970); 0 when nothing stands in the way. */
export function folderRest(turn: KnownSetbacks, place: PlaceRecord): number {
  if (place.state === 'leaving') return 0;
  return turn.setbacks.get(subjectKey(folderOf(turn, place)))?.retryAt ?? 0;
}

function folderOf({ tenant, slab }: KnownSetbacks, { owner: mailbox, routeId: route }: PlaceRecord): Subject {
  return { kind: 'folder', tenant, slab, mailbox, route, object: null };
}
