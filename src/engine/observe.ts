import { Fault } from '../model/fault.ts';
import type { AuditOrder } from './audit-book.ts';
import type { Observation, Sighted } from './drift.ts';
import type { Pair, PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import type { Operation, Outcome } from './ports.ts';
import { noteTroubles } from './trouble.ts';

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
  /** The folder is not where the ledger believes it to be. */
  | { readonly kind: 'folder-gone' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** What a delta query said of a folder: the last word on each item, as a fingerprint; null for one that was removed. */
interface Changes {
  readonly prints: Map<string, string | null>;
  link: string | null;
  state: 'reading' | 'read' | 'worn-out' | 'gone';
  fault: Fault | null;
}

/** A folder of 10,000 contacts has 20 pages; one that never ends is none. */
const PAGES_AT_MOST = 2_000;
const PAIRS_AT_ONCE = 5_000;

export interface Looks {
  /** By the place's key: every place gets an answer. */
  readonly looks: ReadonlyMap<number, Look>;
  /** A folder bears a name of its owner's choice. */
  readonly isRenamed: boolean;
}

/** Looks at places, their calls sharing batches. */
export async function observe(needs: Needs, tenant: string, subjects: readonly Subject[]): Promise<Looks> {
  const looks = new Map<number, Look>();
  const { inPlace, isRenamed } = await foldersInPlace(needs, { tenant, looks }, subjects);
  const whole = inPlace.filter(({ order }) => order.mode === 'full');
  const byChanges = inPlace.filter(({ order }) => order.mode === 'changes');
  const changes = await readChanges(needs, tenant, byChanges);
  for (const subject of byChanges) {
    const { place } = subject;
    const change = changes.get(place.place);
    if (!change || change.state === 'worn-out') whole.push(subject);
    else if (change.fault) looks.set(place.place, { kind: 'fault', fault: change.fault });
    else if (change.state === 'gone') looks.set(place.place, { kind: 'folder-gone' });
    else {
      const look = await lookAtChanges(needs, { tenant, subject }, change);
      if (look) looks.set(place.place, look);
      else whole.push(subject);
    }
  }
  await lookAtAll(needs, { tenant, looks, changes }, whole);
  return { looks, isRenamed };
}

interface Looking {
  readonly tenant: string;
  readonly looks: Map<number, Look>;
}

/** A folder in the trash may still answer to its id: what counts is that it is found by its mark among the others. */
async function foldersInPlace(
  needs: Needs,
  { tenant, looks }: Looking,
  subjects: readonly Subject[],
): Promise<{ inPlace: Subject[]; isRenamed: boolean }> {
  const outcomes = await apply(needs, tenant, subjects, ({ place }) => ({
    kind: 'find-folder',
    mailbox: place.owner,
    route: place.routeId,
  }));
  const renamed: { place: number; name: string }[] = [];
  const there = subjects.filter(({ place }, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'folder') {
      looks.set(place.place, { kind: 'fault', fault: faultOf(outcome) });
      return false;
    }
    if (outcome.folder !== place.folder) looks.set(place.place, { kind: 'folder-gone' });
    else if (outcome.name !== place.name) renamed.push({ place: place.place, name: outcome.name });
    return outcome.folder === place.folder;
  });
  // The fill gives it its name back.
  if (renamed.length > 0) await needs.ledger.places.update(renamed);
  return { inPlace: there, isRenamed: renamed.length > 0 };
}

async function readChanges(
  needs: Needs,
  tenant: string,
  subjects: readonly Subject[],
): Promise<Map<number, Changes>> {
  const all = new Map(
    subjects.map(({ place, order }): [number, Changes] => [
      place.place,
      { prints: new Map(), link: order.token, state: 'reading', fault: null },
    ]),
  );
  let open = subjects;
  for (let page = 0; open.length > 0 && page < PAGES_AT_MOST; page++) {
    const outcomes = await apply(needs, tenant, open, ({ place }) => ({
      kind: 'list-changes',
      mailbox: place.owner,
      folder: place.folder ?? '',
      link: all.get(place.place)?.link ?? null,
    }));
    open.forEach(({ place }, index) => takeIn(needs, all.get(place.place), outcomes[index]));
    open = open.filter(({ place }) => all.get(place.place)?.state === 'reading');
  }
  for (const { place } of open) {
    const changes = all.get(place.place);
    if (changes) changes.fault = new Fault('unavailable', 'the pages of a delta round do not end');
  }
  return all;
}

function takeIn(needs: Needs, changes: Changes | undefined, outcome: Outcome | undefined): void {
  if (!changes) return;
  if (outcome?.kind !== 'changes') {
    const fault = faultOf(outcome);
    changes.state = fault.kind === 'resync' ? 'worn-out' : fault.kind === 'not-found' ? 'gone' : 'read';
    if (changes.state === 'read') changes.fault = fault;
    return;
  }
  for (const { item, card } of outcome.changes) changes.prints.set(item, card && needs.fingerprint(card));
  changes.link = outcome.link;
  if (outcome.last) changes.state = 'read';
}

/**
 * A delta entry is a hint: what already reads as the ledger knows it is right, our own writes among it; everything else
 * is read afresh, with its mark. Null: something left that no link names, so only a look at everything can tell.
 */
async function lookAtChanges(
  needs: Needs,
  { tenant, subject }: { tenant: string; subject: Subject },
  { prints, link: token }: Changes,
): Promise<Look | null> {
  const { place, order } = subject;
  const complete = order.token === null;
  const nobody = { ours: [], right: new Set<string>(), gone: new Set<string>(), complete };
  if (prints.size === 0 && !complete) return { kind: 'seen', seen: nobody, pairs: [], token };
  const pairs = await pairsOf(needs, place.place);
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
  const read = await readItems(needs, { tenant, place }, suspects);
  if (read.fault) return { kind: 'fault', fault: read.fault };
  for (const item of suspects)
    if (linked.has(item) && !read.ours.some((one) => one.item === item)) gone.add(item);
  return { kind: 'seen', seen: { ours: read.ours, right, gone, complete }, pairs, token };
}

/** The folder as it stands, and the adopted items of the place wherever they are. */
async function lookAtAll(
  needs: Needs,
  { tenant, looks, changes }: Looking & { readonly changes: ReadonlyMap<number, Changes> },
  subjects: readonly Subject[],
): Promise<void> {
  const listed = await apply(needs, tenant, subjects, ({ place }) => ({
    kind: 'list',
    mailbox: place.owner,
    folder: place.folder ?? '',
    route: place.routeId,
  }));
  for (const [index, { place, order }] of subjects.entries()) {
    const outcome = listed[index];
    if (outcome?.kind !== 'items') {
      const fault = faultOf(outcome);
      looks.set(place.place, fault.kind === 'not-found' ? { kind: 'folder-gone' } : { kind: 'fault', fault });
      continue;
    }
    const pairs = await pairsOf(needs, place.place);
    const adopted = pairs.flatMap(({ link }) =>
      link?.origin === 'linked' && link.item !== null ? link.item : [],
    );
    const read = await readItems(needs, { tenant, place: { ...place, folder: null } }, adopted);
    if (read.fault) {
      looks.set(place.place, { kind: 'fault', fault: read.fault });
      continue;
    }
    const ours = [...outcome.items.map((one) => sighted(needs, one)), ...read.ours];
    const there = new Set(ours.map(({ item }) => item));
    const gone = new Set(adopted.filter((item) => !there.has(item)));
    const known = changes.get(place.place);
    const token = known === undefined ? order.token : known.state === 'read' ? known.link : null;
    looks.set(place.place, {
      kind: 'seen',
      seen: { ours, right: new Set(), gone, complete: true },
      pairs,
      token,
    });
  }
}

async function readItems(
  needs: Needs,
  { tenant, place }: { tenant: string; place: PlaceRecord },
  items: readonly string[],
): Promise<{ ours: Sighted[]; fault: Fault | null }> {
  const outcomes = await apply(
    needs,
    tenant,
    items.map((item) => ({ place, item })),
    ({ item }) => ({ kind: 'read', mailbox: place.owner, folder: place.folder, item, route: place.routeId }),
  );
  const ours: Sighted[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind !== 'items') return { ours: [], fault: faultOf(outcome) };
    ours.push(...outcome.items.map((one) => sighted(needs, one)));
  }
  return { ours, fault: null };
}

function sighted(
  needs: Needs,
  { item, identity, card }: Extract<Outcome, { kind: 'items' }>['items'][number],
): Sighted {
  return { item, identity, fingerprint: needs.fingerprint(card) };
}

async function pairsOf(needs: Needs, place: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let cursor = 0; ;) {
    const page = await needs.ledger.links.ofPlace(place, cursor, PAIRS_AT_ONCE);
    pairs.push(...page);
    if (page.length < PAIRS_AT_ONCE) return pairs;
    cursor = page.at(-1)?.card.person ?? cursor;
  }
}

async function apply<One extends { readonly place: PlaceRecord }>(
  needs: Needs,
  tenant: string,
  subjects: readonly One[],
  operation: (subject: One) => Operation,
): Promise<Outcome[]> {
  if (subjects.length === 0) return [];
  const outcomes = await portOf(needs.targets, tenant).apply(subjects.map(operation), 'bulk');
  await noteTroubles(
    needs,
    tenant,
    subjects.map(({ place }, index) => ({ place, outcome: outcomes[index] })),
  );
  return outcomes;
}

function faultOf(outcome: Outcome | undefined): Fault {
  return outcome?.kind === 'fault' ? outcome.fault : new Fault('unavailable', 'no answer to a look');
}
