import type { Operation, Outcome, Urgency } from '../engine/ports.ts';
import type { SharedItem } from '../engine/shared-port.ts';
import type { GraphCall } from '../graph/call.ts';
import { unstampContact } from '../graph/contacts.ts';
import {
  getShared,
  listShared,
  readShared,
  readSharedPage,
  standsIn,
  type SharedContact,
} from '../graph/shared-contacts.ts';
import { belongsTo, type Owner } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import { Fault } from '../model/fault.ts';
import { folderId, foldersBeside, inOrder, standingFolder } from '../model/standing.ts';
import { unstampedNotes } from '../model/sync-tag.ts';
import { allFolders } from './folders.ts';

interface Caller {
  readonly packer: Pick<Packer, 'call'>;
  readonly deployment: string;
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }> & {
  readonly priority: Urgency;
};

/** Everything in the folder, ours and anybody's. */
export async function surveyFolder(caller: Caller, place: Of<'survey'>): Promise<Outcome> {
  const beside = foldersBeside(place.folder);
  if (!beside) return surveyed(caller, place, await surveyOne(caller, place));
  const found: SharedContact[] = [];
  for (const id of inOrder(beside))
    found.push(
      ...(await surveyOne(caller, { ...place, folder: id === beside.own ? standingFolder(id) : id })),
    );
  // Dragged from one folder into the other in between, it is seen in both.
  const each = new Map(found.map((one) => [one.item, one]));
  return surveyed(caller, place, [...each.values()]);
}

function surveyed(caller: Caller, { route }: Of<'survey'>, found: readonly SharedContact[]): Outcome {
  return { kind: 'surveyed', items: found.map((one) => itemFor(one, route, caller)) };
}

async function surveyOne({ packer }: Caller, place: Of<'survey'>): Promise<SharedContact[]> {
  const { fields } = place;
  const folder = folderId(place.folder);
  const found: SharedContact[] = [];
  for (let link: string | undefined, first = true; first || link !== undefined; first = false) {
    const page = readSharedPage(await packer.call(listShared({ ...place, folder }, fields, link)), fields);
    found.push(...page.items);
    link = page.next;
  }
  // Whether the path without an id shows one folder or all is not documented clearly.
  const others =
    folder === '' ? new Set((await allFolders(packer, place)).map((one) => one.folder)) : new Set<string>();
  return found.filter((one) => standsIn(one, place.folder) && !others.has(one.folder ?? ''));
}

/** One contact; nothing where it is gone, or stands in another folder than was asked. */
export async function lookAtContact(caller: Caller, place: Of<'look-at'>): Promise<Outcome> {
  const { fields, route } = place;
  try {
    // By the mailbox alone: it is looked for where it stands now, and then it is seen where that is.
    const answer = await caller.packer.call(getShared({ ...place, folder: null }, fields));
    const found = readShared(answer, fields);
    const isHere = place.folder === null || standsIn(found, place.folder);
    const { notes } = found;
    return { kind: 'surveyed', items: isHere ? [{ ...itemFor(found, route, caller), notes }] : [] };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return { kind: 'surveyed', items: [] };
    throw error;
  }
}

/**
 * Takes our mark off an original, and our tag off its notes; whatever else stands in them stays. Should somebody write there meanwhile,
 * it is read again.
 */
export async function unstampShared({ packer, deployment }: Caller, place: Of<'unstamp'>): Promise<Outcome> {
  const { gone, route } = place;
  const call = async (): Promise<GraphCall> => {
    const { mark, notes, version } = readShared(await packer.call(getShared(place, [])), []);
    const isOurs = mark !== null && mark !== 'foreign' && belongsTo(mark, { deployment, route });
    const left = isOurs && notes !== null ? unstampedNotes(notes, mark.sourceId) : null;
    return unstampContact(
      place,
      left === null || version === null ? { gone } : { gone, notes: left, version },
    );
  };
  for (let left = UNSTAMP_ATTEMPTS; ; left -= 1) {
    try {
      await packer.call(await call());
      return { kind: 'done' };
    } catch (error) {
      if (left === 1 || !(error instanceof Fault) || error.kind !== 'conflict') throw error;
    }
  }
}

/** Whoever writes into one contact again and again is not waited for: it is let go of later. */
const UNSTAMP_ATTEMPTS = 3;

/** As the route sees it: a mark of another route or deployment makes it somebody else's. */
function itemFor(contact: SharedContact, route: string, { deployment }: Caller): SharedItem {
  const { item, card, folder, mark, shown, modified, sensitivity, categories, tags, version } = contact;
  return {
    item,
    card,
    folder,
    mark: mark === null ? null : markFor(mark, { deployment, route }),
    shown,
    modified,
    intimacy: { sensitivity, categories },
    tags,
    // A list may show the beginning of a long text alone.
    notes: null,
    version,
  };
}

function markFor(mark: NonNullable<SharedContact['mark']>, owner: Owner): SharedItem['mark'] {
  if (mark === 'foreign' || !belongsTo(mark, owner)) return 'foreign';
  return { identity: mark.sourceId, origin: mark.linked ? 'linked' : 'created' };
}
