import { doubtedOf } from './absence.ts';
import { reading } from './at-places.ts';
import type { Parting } from './book-port.ts';
import { sharingRoute, type SharingRoute } from './contact-keys.ts';
import type { LinkRecord, PlaceRecord } from './ledger-port.ts';
import { lookup, type Looker } from './look.ts';
import type { Needs } from './needs.ts';
import type { Look } from './observe.ts';
import type { Outcome } from './ports.ts';
import { sendOutstanding } from './outbox.ts';
import { seen } from './seen.ts';
import { personLook } from './send.ts';
import { judgeShared, type Loss } from './shared-verdict.ts';

/** What a look at a place that shares its contacts has led to. */
export interface Shared {
  /** Links that are to be written over. */
  readonly links: readonly LinkRecord[];
  readonly isStrange: boolean;
  /** Nobody can say yet what became of some of it: to be asked again, from where the last round began. */
  readonly isUnsure: boolean;
}

/**
 * Brings the book up to date with what was seen: edits, contacts that nobody had met, and what its owner has deleted or made
 * private. In the ledger when this returns, with looks at their contacts in its outbox: doing it again finds nothing to do.
 */
export async function concludeShared(
  looker: Looker,
  place: PlaceRecord,
  look: Extract<Look, { kind: 'shared' }>,
): Promise<Shared> {
  const { needs } = looker;
  const route = sharingRoute(needs, place);
  if (!route) return { links: [], isStrange: false, isUnsure: false };
  const verdict = judgeShared(needs, { place, route, pairs: look.pairs, seen: look.seen });
  const { book } = needs.ledger;
  const moved = await book.edited(route.sourceTenant, verdict.edits);
  await readAnew(needs, route, { look, links: verdict.links });
  // What has lost to a newer edit is written over, once it is known as it stands.
  const lost = look.pairs.flatMap(({ card, link }): LinkRecord[] => {
    const edit = verdict.edits.find(({ identity }) => identity === card.identity);
    if (!link || !edit || moved.has(card.identity)) return [];
    const there = look.seen.items.find(({ item }) => item === edit.item);
    return there ? [{ ...link, fingerprint: needs.fingerprint(there.card), revision: 0 }] : [];
  });
  const { partings, isUnsure } = await partingsOf(looker, { place, route }, verdict.losses);
  await book.part(route.sourceTenant, partings);
  const { strangers } = verdict;
  const { complete, isBehind } = look.seen;
  const met = await book.meet(route.sourceTenant, seen(place), { strangers, complete });
  report(needs, place, met);
  if (moved.size + partings.length + met.length > 0) await sendOutstanding(needs);
  return { links: [...verdict.links, ...lost], isStrange: verdict.isStrange, isUnsure: isUnsure || isBehind };
}

/**
 * What reads as we sent it earlier may be an edit that was taken back. Where that item is the newest itself, its contact is read
 * from it: the round that told of it tells no more, and the look before the next write may be answered by a replica that is behind.
 */
async function readAnew(
  needs: Needs,
  { sourceTenant: tenant }: SharingRoute,
  {
    look,
    links,
  }: { readonly look: Extract<Look, { kind: 'shared' }>; readonly links: readonly LinkRecord[] },
): Promise<void> {
  const people = new Set(links.map(({ person }) => person));
  const at = needs.clock.now();
  const looks = look.pairs
    .filter(({ card }) => people.has(card.person))
    .map(({ card }) => personLook({ tenant, id: card.identity }, at));
  if (looks.length > 0) await needs.changes.send(looks);
}

function report(
  { log }: Needs,
  { owner: mailbox, routeId: route }: PlaceRecord,
  met: readonly { readonly item: string; readonly kind: string }[],
): void {
  const contacts = met.filter(({ kind }) => kind === 'ambiguous').length;
  if (contacts > 0)
    log.tell('contacts-ambiguous', {
      mailbox,
      route,
      contacts,
    });
}

/**
 * What is gone from the folder was deleted, or stands elsewhere in the mailbox by now: who takes a contact of their own out of
 * the folder keeps it to themselves. A listing may be behind, or the look is: what is found where it was is not gone yet, and
 * what is not found is missed once more when every replica has caught up.
 */
async function partingsOf(
  looker: Looker,
  { place, route }: { readonly place: PlaceRecord; readonly route: SharingRoute },
  losses: readonly Loss[],
): Promise<{ readonly partings: Parting[]; readonly isUnsure: boolean }> {
  const gone = losses.filter(({ why }) => why === 'gone');
  const look = (folder: string | null): Promise<Outcome[]> =>
    lookup(
      looker,
      gone.map(({ pair }) => ({ place, item: pair.link.item ?? '' })),
      ({ item }) => ({ ...reading(looker.needs, place), kind: 'look-at', folder, item }),
    );
  const [here, anywhere] = [await look(place.folder ?? ''), await look(null)];
  const folders = await contactFolders(looker, place, anywhere);
  const absent = gone.flatMap(({ pair }, at) => {
    const there = here[at];
    return there?.kind === 'surveyed' && there.items.length === 0 ? [pair.link.item ?? ''] : [];
  });
  const doubted = doubtedOf(looker.needs, place.place, absent);
  let isUnsure = folders === null || doubted.size > 0;
  const partings = losses.flatMap((loss): Parting[] => {
    const at = gone.indexOf(loss);
    if (at === -1) return [partingOf(loss, route, false)];
    const [there, elsewhere] = [here[at], anywhere[at]];
    const isFound = there?.kind !== 'surveyed' || there.items.length > 0;
    if (isFound || elsewhere?.kind !== 'surveyed' || !folders) {
      isUnsure = true;
      return [];
    }
    if (doubted.has(loss.pair.link.item ?? '')) return [];
    return [
      partingOf(
        loss,
        route,
        elsewhere.items.some(({ folder }) => folders.has(folder ?? '')),
      ),
    ];
  });
  return { partings, isUnsure };
}

/**
 * Folders of contacts beside the place's, where anything was found anywhere: what stands in no such folder, in the trash perhaps,
 * was deleted. Null: they cannot be read now.
 */
async function contactFolders(
  looker: Looker,
  place: PlaceRecord,
  found: readonly Outcome[],
): Promise<ReadonlySet<string> | null> {
  if (found.every((outcome) => outcome.kind !== 'surveyed' || outcome.items.length === 0)) return new Set();
  const [listed] = await lookup(looker, [{ place }], () => ({ kind: 'list-folders', mailbox: place.owner }));
  return listed?.kind === 'folders' ? new Set(listed.folders.map(({ folder }) => folder)) : null;
}

function partingOf(
  { pair: { card, link }, why }: Loss,
  { shares }: SharingRoute,
  isElsewhere: boolean,
): Parting {
  const { identity } = card;
  const isWithdrawn = why !== 'foreign' && link.origin === 'linked' && (why === 'private' || isElsewhere);
  // The mark comes off, since the contact is in the book no longer.
  if (isWithdrawn) return { identity, link, forget: true };
  const declined: LinkRecord = { ...link, item: null, state: 'declined' };
  if (why !== 'gone' || isElsewhere || shares.onDelete === 'keep')
    return { identity, link: declined, forget: false };
  const missing: LinkRecord = { ...link, item: null, revision: 0 };
  return { identity, link: missing, forget: shares.onDelete === 'everywhere' };
}
