import { sharingRoute } from '../engine/contact-keys.ts';
import { meetInPlaces } from '../engine/first-meeting.ts';
import type { PlaceRecord } from '../engine/ledger-port.ts';
import { portOf, type Needs } from '../engine/needs.ts';
import { standingFolder } from '../model/standing.ts';

/**
 * First meetings in places that would share their contacts, on the copy of the ledger alone: what stands there is read, nothing is
 * marked. A mailbox that cannot be read, or whose folder would be made, has nothing to be met.
 */
export async function forecastMeetings(needs: Needs): Promise<void> {
  const { ledger } = needs;
  for (const route of needs.routes.filter(({ shares }) => shares !== null)) {
    for (const { tenant, slab } of await ledger.slabs.of(route.key)) {
      const places = (await ledger.places.ofSlab(tenant, slab)).filter(
        (place) => place.route === route.key && place.state === 'active' && !place.adopted,
      );
      // Asked side by side, they share batches.
      const folders = await Promise.all(places.map((place) => folderOf(needs, tenant, place)));
      const standing = places.flatMap((place, index) => {
        const folder = folders[index] ?? null;
        return folder === null ? [] : { ...place, folder };
      });
      await meetInPlaces({ needs, tenant }, standing);
    }
  }
}

/** Where the place would stand, as far as it is there. */
async function folderOf(needs: Needs, tenant: string, place: PlaceRecord): Promise<string | null> {
  const target = portOf(needs.targets, tenant);
  const at = { mailbox: place.owner, route: place.routeId };
  const [found] = await target.apply([{ kind: 'find-folder', ...at, known: place.folder }], 'bulk');
  if (found?.kind === 'folder' && found.folder !== null) return found.folder;
  if (found?.kind !== 'folder' || sharingRoute(needs, place)?.shares.stands !== 'named') return null;
  const [listed] = await target.apply([{ kind: 'list-folders', mailbox: place.owner }], 'bulk');
  const folders = listed?.kind === 'folders' ? listed.folders : [];
  const name = place.routeFolder.toLowerCase();
  const named = folders.find((one) => one.madeBy === 'somebody' && one.name.toLowerCase() === name);
  return named ? standingFolder(named.folder) : null;
}
