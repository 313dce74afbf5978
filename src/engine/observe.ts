import type { Fault } from '../model/fault.ts';
import { isSameFolder, learntFolder } from '../model/standing.ts';
import { reading } from './at-places.ts';
import type { AuditOrder } from './audit-book.ts';
import { sharingRoute } from './contact-keys.ts';
import type { Observation, Sighted } from './drift.ts';
import { readChanges, type FolderChanges } from './folder-changes.ts';
import type { Pair, PlaceChange, PlaceRecord } from './ledger-port.ts';
import { faultOf, lookup, pairsOf, readItems, sighted, type Looker } from './look.ts';
import { seen } from './seen.ts';
import { lookAtSharedChanges, surveyAll, type Round } from './shared-observe.ts';
import type { SharedSight } from './shared-verdict.ts';

/** One place that is verified in this turn. */
export interface Subject {
  readonly place: PlaceRecord;
  readonly order: AuditOrder;
}

/** What became of looking at a place. */
export type Look =
  | {
      readonly kind: 'seen';
      readonly seen: Observation;
      readonly pairs: readonly Pair[];
      readonly token: string | null;
    }
  | {
      readonly kind: 'shared';
      readonly seen: SharedSight;
      readonly pairs: readonly Pair[];
      readonly token: string | null;
    }
  /** The folder is not where the ledger believes it to be. */
  | { readonly kind: 'folder-gone' }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface Looks {
  /** By the place's key: every place gets an answer. */
  readonly looks: ReadonlyMap<number, Look>;
  /** A folder bears a name of its owner's choice. */
  readonly isRenamed: boolean;
}

/** Looks at places, their calls sharing batches. */
export async function observe(looker: Looker, subjects: readonly Subject[]): Promise<Looks> {
  const looks = new Map<number, Look>();
  const isShared = ({ place }: Subject): boolean => sharingRoute(looker.needs, place) !== null;
  const { inPlace, isRenamed } = await foldersInPlace(looker, subjects, looks);
  const whole = inPlace.filter(({ order }) => order.mode === 'full');
  const byChanges = inPlace.filter(({ order }) => order.mode === 'changes');
  const changes = await readChanges(looker, byChanges);
  for (const subject of byChanges) {
    const { place } = subject;
    const change = changes.get(place.place);
    if (!change || change.state === 'worn-out') whole.push(subject);
    else if (change.fault) looks.set(place.place, { kind: 'fault', fault: change.fault });
    else if (change.state === 'gone') looks.set(place.place, { kind: 'folder-gone' });
    else {
      const look = isShared(subject)
        ? await lookAtSharedChanges(looker, subject, change)
        : await lookAtChanges(looker, subject, change);
      if (look) looks.set(place.place, look);
      else whole.push(subject);
    }
  }
  const tokenOf = ({ place, order }: Subject): string | null => {
    const known = changes.get(place.place);
    return known === undefined ? order.token : known.state === 'read' ? known.link : null;
  };
  const shared = whole.filter(isShared);
  const roundOf = (subject: Subject): Round => {
    const known = changes.get(subject.place.place);
    return { token: tokenOf(subject), told: known?.state === 'read' ? known.prints : new Map() };
  };
  for (const [place, look] of await surveyAll(looker, shared, roundOf)) looks.set(place, look);
  const others = whole.filter((subject) => !isShared(subject));
  for (const [place, look] of await lookAtAll(looker, others, tokenOf)) looks.set(place, look);
  return { looks, isRenamed };
}

/** A folder in the trash may still answer to its id: what counts is that it is found by its mark among the others. */
async function foldersInPlace(
  looker: Looker,
  subjects: readonly Subject[],
  looks: Map<number, Look>,
): Promise<{ inPlace: Subject[]; isRenamed: boolean }> {
  const outcomes = await lookup(looker, subjects, ({ place }) => ({
    kind: 'find-folder',
    mailbox: place.owner,
    route: place.routeId,
    known: place.folder,
  }));
  const renamed: PlaceChange[] = [];
  const learnt: PlaceChange[] = [];
  const inPlace: Subject[] = [];
  for (const [index, subject] of subjects.entries()) {
    const { place } = subject;
    const outcome = outcomes[index];
    if (outcome?.kind !== 'folder') looks.set(place.place, { kind: 'fault', fault: faultOf(outcome) });
    else if (outcome.folder === null || !isSameFolder(place.folder, outcome.folder))
      looks.set(place.place, { kind: 'folder-gone' });
    else {
      // What its owner calls it is theirs to know.
      if (place.name !== null && outcome.name !== place.name) renamed.push({ ...seen(place), name: null });
      const folder = learntFolder(place.folder ?? outcome.folder, outcome.folder);
      if (folder !== place.folder) learnt.push({ ...seen(place), folder });
      inPlace.push({ ...subject, place: { ...place, folder } });
    }
  }
  // The fill gives it its name back.
  await looker.needs.ledger.places.update([...renamed, ...learnt]);
  return { inPlace, isRenamed: renamed.length > 0 };
}

/**
 * A delta entry is a hint: what already reads as the ledger knows it is right, our own writes among it; everything else
 * is read afresh, with its mark. Null: something left that no link names, so only a look at everything can tell.
 */
async function lookAtChanges(
  looker: Looker,
  { place, order }: Subject,
  { prints, link: token }: FolderChanges,
): Promise<Look | null> {
  const complete = order.token === null;
  const nobody = { ours: [], right: new Set<string>(), gone: new Set<string>(), complete };
  if (prints.size === 0 && !complete) return { kind: 'seen', seen: nobody, pairs: [], token };
  const pairs = await pairsOf(looker.needs, place.place);
  const linked = new Map(pairs.map(({ link }) => [link?.item ?? null, link]));
  const gone = new Set<string>();
  const right = new Set<string>();
  const suspects: string[] = [];
  for (const [item, print] of prints) {
    const link = linked.get(item);
    if (print === null && !link) return null;
    if (print === null) gone.add(item);
    else if (link && link.fingerprint === print) right.add(item);
    else suspects.push(item);
  }
  const read = await readItems(looker, { place, folder: place.folder }, suspects);
  if (read.fault) return { kind: 'fault', fault: read.fault };
  for (const item of suspects)
    if (linked.has(item) && !read.ours.some((one) => one.item === item)) gone.add(item);
  return { kind: 'seen', seen: { ours: read.ours, right, gone, complete }, pairs, token };
}

/** The folder as it stands, and the adopted items of the place wherever they are. */
async function lookAtAll(
  looker: Looker,
  subjects: readonly Subject[],
  tokenOf: (subject: Subject) => string | null,
): Promise<Map<number, Look>> {
  const listed = await lookup(looker, subjects, ({ place }) => ({
    ...reading(looker.needs, place),
    kind: 'list',
  }));
  const looks = new Map<number, Look>();
  for (const [index, subject] of subjects.entries()) {
    const { place } = subject;
    const outcome = listed[index];
    if (outcome?.kind !== 'items') {
      const fault = faultOf(outcome);
      looks.set(place.place, fault.kind === 'not-found' ? { kind: 'folder-gone' } : { kind: 'fault', fault });
      continue;
    }
    const token = tokenOf(subject);
    const listing = outcome.items.map((one) => sighted(looker.needs, one));
    looks.set(place.place, await withAdopted(looker, place, { listing, token }));
  }
  return looks;
}

async function withAdopted(
  looker: Looker,
  place: PlaceRecord,
  { listing, token }: { listing: readonly Sighted[]; token: string | null },
): Promise<Look> {
  const pairs = await pairsOf(looker.needs, place.place);
  const adopted = pairs.flatMap(({ link }) =>
    link?.origin === 'linked' && link.item !== null ? link.item : [],
  );
  const { ours: read, fault } = await readItems(looker, { place, folder: null }, adopted);
  if (fault) return { kind: 'fault', fault };
  const ours = [...listing.filter(({ item }) => !adopted.includes(item)), ...read];
  const there = new Set(ours.map(({ item }) => item));
  const gone = new Set(adopted.filter((item) => !there.has(item)));
  return { kind: 'seen', seen: { ours, right: new Set(), gone, complete: true }, pairs, token };
}
