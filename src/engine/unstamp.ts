import { at } from './at-places.ts';
import { sharingRoute } from './contact-keys.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { Operation } from './ports.ts';

/** Lets go of an original, in whatever folder it stands by now: what we have put into it goes, it stays. */
export function unstampOf(
  needs: Pick<Needs, 'routes'>,
  place: PlaceRecord,
  { item, gone, identity }: { readonly item: string; readonly gone: boolean; readonly identity: string },
): Extract<Operation, { kind: 'unstamp' }> {
  const stamped = sharingRoute(needs, place)?.shares.stamps ?? false;
  return { ...at(place), kind: 'unstamp', folder: null, item, identity, gone, stamped };
}
