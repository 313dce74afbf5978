import { Fault } from '../model/fault.ts';
import { faultOf, lookup, type Looker } from './look.ts';
import { ownedBy, type Needs } from './needs.ts';
import type { Subject } from './observe.ts';
import type { Outcome } from './ports.ts';

/** What a delta query said of a folder: the last word on each item, as a fingerprint; null for one that was removed. */
export interface FolderChanges {
  readonly prints: Map<string, string | null>;
  link: string | null;
  state: 'reading' | 'read' | 'worn-out' | 'gone';
  fault: Fault | null;
}

/** A folder of 10,000 contacts has 20 pages; one that never ends is none. */
const PAGES_AT_MOST = 2_000;

/** Reads what changed in each folder to the last page, side by side. */
export async function readChanges(
  looker: Looker,
  subjects: readonly Subject[],
): Promise<Map<number, FolderChanges>> {
  const all = new Map(
    subjects.map(({ place, order }): [number, FolderChanges] => [
      place.place,
      { prints: new Map(), link: order.token, state: 'reading', fault: null },
    ]),
  );
  let open = subjects;
  for (let page = 0; open.length > 0 && page < PAGES_AT_MOST; page++) {
    const outcomes = await lookup(looker, open, ({ place }) => ({
      kind: 'list-changes',
      mailbox: place.owner,
      folder: place.folder ?? '',
      route: place.routeId,
      link: all.get(place.place)?.link ?? null,
      fields: ownedBy(looker.needs, place.route),
    }));
    open.forEach(({ place }, index) => takeIn(looker.needs, all.get(place.place), outcomes[index]));
    open = open.filter(({ place }) => all.get(place.place)?.state === 'reading');
  }
  for (const { place } of open) {
    const changes = all.get(place.place);
    if (changes) changes.fault = new Fault('unavailable', 'the pages of a delta round do not end');
  }
  return all;
}

function takeIn(needs: Needs, changes: FolderChanges | undefined, outcome: Outcome | undefined): void {
  if (!changes) return;
  if (outcome?.kind !== 'changes') {
    const fault = faultOf(outcome);
    // Refused for good where no such query is known: then everything is read.
    const isWornOut = fault.kind === 'resync' || fault.kind === 'invalid';
    changes.state = isWornOut ? 'worn-out' : fault.kind === 'not-found' ? 'gone' : 'read';
    if (changes.state === 'read') changes.fault = fault;
    return;
  }
  for (const { item, card } of outcome.changes) changes.prints.set(item, card && needs.fingerprint(card));
  changes.link = outcome.link;
  if (outcome.last) changes.state = 'read';
}
