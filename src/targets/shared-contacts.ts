import type { Outcome, Urgency } from '../engine/ports.ts';
import type { SharedItem, SharedOperation } from '../engine/shared-port.ts';
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
import { folderId } from '../model/standing.ts';
import { allFolders } from './folders.ts';

interface Caller {
  readonly packer: Pick<Packer, 'call'>;
  readonly deployment: string;
}

type Of<Kind extends SharedOperation['kind']> = Extract<SharedOperation, { kind: Kind }> & {
  readonly priority: Urgency;
};

/** Everything in the folder, ours and anybody's. */
export async function surveyFolder(caller: Caller, place: Of<'survey'>): Promise<Outcome> {
  const { packer } = caller;
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
  const here = found.filter((one) => standsIn(one, place.folder) && !others.has(one.folder ?? ''));
  return { kind: 'surveyed', items: here.map((one) => itemFor(one, place.route, caller)) };
}

/** One contact; nothing where it is gone, or stands in another folder than was asked. */
export async function lookAtContact(caller: Caller, place: Of<'look-at'>): Promise<Outcome> {
  const { fields, route } = place;
  try {
    // By the mailbox alone: it is looked for where it stands now, and then it is seen where that is.
    const answer = await caller.packer.call(getShared({ ...place, folder: null }, fields));
    const found = readShared(answer, fields);
    const isHere = place.folder === null || standsIn(found, place.folder);
    return { kind: 'surveyed', items: isHere ? [itemFor(found, route, caller)] : [] };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return { kind: 'surveyed', items: [] };
    throw error;
  }
}

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
    version,
  };
}

function markFor(mark: NonNullable<SharedContact['mark']>, owner: Owner): SharedItem['mark'] {
  if (mark === 'foreign' || !belongsTo(mark, owner)) return 'foreign';
  return { identity: mark.sourceId, origin: mark.linked ? 'linked' : 'created' };
}
