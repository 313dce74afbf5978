/** What the engine needs from outside, apart from the queues (queue-port.ts) and the ledger (ledger-port.ts). */
import type { Card, CardField } from '../model/card.ts';
import type { Fault } from '../model/fault.ts';
import type { Person } from '../model/person.ts';
import type { AdoptRule } from '../model/route.ts';
import type { Referring } from './references.ts';
import type { SharedItem, SharedOperation, SharedWrite } from './shared-port.ts';

/** The people and groups of one tenant. */
export interface Source {
  /**
   * Reads the objects afresh, 20 to a request. There is an answer to every id; a failed read is one of its own, and
   * never an absence. `live` unless given: what nobody waits for gives way to what somebody does.
   */
  look(ids: readonly string[], urgency?: Urgency): Promise<ReadonlyMap<string, Sighting>>;
  /** The lists that people come from. Nobody is in two of them. */
  readonly listings: readonly Listing[];
  /** Something that is asked for may change, and neither notification nor list tells of it. */
  readonly keepsSilent: boolean;
  /** People of a list changed since `token`; a full round over all of it when there is none. Throws `resync` when the token is no longer good. */
  changedPeople(token: string | null, listing: Listing): AsyncIterable<SourcePage<string>>;
  /** Membership changes of up to 50 groups of one kind since `token`; a full round when there is none. */
  changedGroups(
    token: string | null,
    groups: readonly string[],
    kind: GroupKind,
  ): AsyncIterable<SourcePage<GroupDifference>>;
  /** Under which tags the service has these people's pictures, 20 to a request. There is an answer to every id. */
  pictureTags(ids: readonly string[]): Promise<ReadonlyMap<string, TagSighting>>;
  /** The bytes of a person's picture in whatever format; null when there is none. */
  picture(id: string): Promise<Uint8Array | null>;
}

/** Users may have mailboxes, and notifications tell of them, as of groups. Contacts of the organisation have none, and nobody tells. */
export type Listing = 'users' | 'contacts' | 'groups';

/** A `unit` is an administrative unit: nothing is nested in it, and nobody tells of its members. */
export type GroupKind = 'group' | 'unit';

export type TagSighting =
  /** It changes with every upload; null: there is no picture. */
  { readonly kind: 'tag'; readonly tag: string | null } | { readonly kind: 'unread'; readonly fault: Fault };

export type Sighting =
  | { readonly kind: 'present'; readonly person: Person }
  /** Not there; `proven` when the directory says that the object was deleted, not merely that it cannot be found. */
  | { readonly kind: 'absent'; readonly proven: boolean }
  /** Nothing is known: the read failed. */
  | { readonly kind: 'unread'; readonly fault: Fault };

export interface SourcePage<Item> {
  readonly items: readonly Item[];
  /** Set on the last page only: the token for the next time. To be stored after everything it yielded is durable. */
  readonly token: string | null;
}

export interface GroupDifference {
  readonly group: string;
  /** The group itself was deleted. */
  readonly gone: boolean;
  readonly joined: readonly GroupMember[];
  readonly left: readonly string[];
}

export interface GroupMember {
  readonly id: string;
  /** `contact`: a person of the list of contacts. */
  readonly kind: 'person' | 'contact' | 'group';
}

/** The contacts of one tenant's mailboxes. */
export interface Target {
  /** One outcome per operation, in the same order; never throws for what an operation met. */
  apply(operations: readonly Operation[], urgency: Urgency): Promise<Outcome[]>;
  /** How much bulk work there is room for: more would only wait, and live changes behind it. */
  spare(): Promise<Spare>;
}

export interface Spare {
  /** Of these operations, those that leave at once: the others wait their turn, so that no slot is ever idle. */
  readonly idle: number;
  /** Operations; 0 when it is better to ask again at `askAt` (milliseconds since 1970). */
  readonly operations: number;
  readonly askAt: number;
}

/** Live changes go before fills. */
export type Urgency = 'live' | 'bulk';

/** What makes an item ours; constant from the create on. */
export interface Mark {
  readonly route: string;
  /** Object id of the person in the source. */
  readonly identity: string;
}

export type Operation =
  | SharedOperation
  /** `known`: what the ledger calls it; null: nothing is known, so also a second folder that is given up is looked for. */
  | (AtMailbox & { readonly kind: 'find-folder'; readonly known: string | null })
  /** Every folder below Contacts but those that Exchange keeps for itself: ours and others. */
  | { readonly kind: 'list-folders'; readonly mailbox: string }
  | (AtMailbox & { readonly kind: 'make-folder'; readonly name: string; readonly generation: number })
  | (AtFolder & { readonly kind: 'rename-folder'; readonly name: string })
  | (AtFolder & { readonly kind: 'read-generation' })
  | (AtFolder & { readonly kind: 'write-generation'; readonly generation: number })
  /**
   * Looks at all that is in the folder, and removes it whole when everything in it bears this deployment's mark for the
   * route and no folder is below it: `done`. Otherwise nothing is removed: `kept`.
   */
  | (AtFolder & { readonly kind: 'clear-folder' })
  /** How many items stand in the folder, whoever made it and them. */
  | (AtFolder & { readonly kind: 'count' })
  /** Every item of this deployment's mark for the route; of each no more than these fields is read. */
  | (AtFolder & { readonly kind: 'list'; readonly fields: readonly CardField[] })
  /** A page of what changed since `link`, or of everything. Fault `resync`: the link is worn out, or there are none here. */
  | (AtFolder & {
      readonly kind: 'list-changes';
      readonly link: string | null;
      readonly fields: readonly CardField[];
    })
  /** What was there before us and may be adopted under the rule, in whatever folder. */
  | (AtMailbox & {
      readonly kind: 'list-adoptable';
      readonly rule: AdoptRule;
      readonly fields: readonly CardField[];
    })
  /** Originals that bear this route's mark already, in whatever folder their owner keeps them by now: `items`. Reads everything. */
  | (AtMailbox & { readonly kind: 'list-adopted'; readonly fields: readonly CardField[] })
  | (AtFolder & { readonly kind: 'find'; readonly mark: Mark; readonly fields: readonly CardField[] })
  | (AtFolder &
      Referring &
      SharedWrite & { readonly kind: 'create'; readonly mark: Mark; readonly card: Card })
  /** The item, when it is there and bears this deployment's mark for the route; nothing otherwise. */
  | (AtItem & { readonly kind: 'read'; readonly fields: readonly CardField[] })
  /** `mark`: the item's, wherever it has lost it. `adopt`: the one that goes into an adopted item with every write; null for one that we made. */
  | (AtItem &
      Referring &
      SharedWrite & {
        readonly kind: 'patch';
        readonly card: Card;
        readonly mark: Mark;
        readonly adopt: Mark | null;
      })
  /** Gives the item a picture. There is no operation that takes one away: Outlook has none. */
  | (AtItem & Whose & { readonly kind: 'picture'; readonly jpeg: Uint8Array })
  /** Does the item show a picture? Whichever: `showing`. */
  | (AtItem & { readonly kind: 'look-at-picture' })
  | (AtFolder & Whose & { readonly kind: 'remove'; readonly item: string })
  /**
   * Takes our mark off an adopted item, and leaves the item. `gone`: its person is to be shown no longer; else the place is to go.
   * `stamped`: its notes may bear a tag of ours, which goes as well.
   */
  | (AtItem & Whose & { readonly kind: 'unstamp'; readonly gone: boolean; readonly stamped: boolean });

interface AtMailbox {
  /** Object id of the mailbox's owner. */
  readonly mailbox: string;
  /** Id of the route on whose behalf it is done: a stopped one sends nothing. `traces`: of the events behind it, as the message has them. */
  readonly route: string;
  readonly traces?: readonly string[];
}

interface AtFolder extends AtMailbox {
  readonly folder: string;
}

interface Whose {
  /** The person's id, for the record. */
  readonly identity: string;
}

interface AtItem extends AtMailbox {
  /** Null: an adopted item, in whatever folder of the mailbox it is. */
  readonly folder: string | null;
  readonly item: string;
}

export type Outcome =
  | { readonly kind: 'done' }
  /**
   * `card`: what the service made of the fields that were written. `again` (milliseconds since 1970): not all of it could be
   * written yet; from then on the rest can.
   */
  | { readonly kind: 'written'; readonly item: string; readonly card: Card; readonly again?: number }
  | {
      readonly kind: 'folder';
      readonly folder: string | null;
      readonly generation: number;
      readonly name: string;
    }
  | { readonly kind: 'folders'; readonly folders: readonly FoundFolder[] }
  | { readonly kind: 'counted'; readonly items: number }
  | { readonly kind: 'showing'; readonly picture: boolean }
  /** Something foreign is in the folder, beside so many items of ours. */
  | { readonly kind: 'kept'; readonly ours: number }
  | { readonly kind: 'items'; readonly items: readonly FoundItem[] }
  | { readonly kind: 'surveyed'; readonly items: readonly SharedItem[] }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  /** `last`: the link is for the next time, else for the next page. */
  | {
      readonly kind: 'changes';
      readonly changes: readonly ItemChange[];
      readonly link: string;
      readonly last: boolean;
    }
  | { readonly kind: 'fault'; readonly fault: Fault };

/**
 * `created`: made by us in the place's folder, and deleted when it is wanted no longer. `linked`: an original that was
 * there before us, adopted where it stands, in whatever folder; its mark is taken off and it stays.
 */
export type LinkOrigin = 'created' | 'linked';

/** A contact without any mark of ours. In memory only. */
export interface Candidate {
  readonly item: string;
  /** Texts in the other tool's mark: one of them may be a person's id. */
  readonly keys: readonly string[];
  readonly addresses: readonly string[];
}

/** Of any folder. Its name is the owner's as long as it stands in one mailbox alone: in memory only. */
export interface FoundFolder {
  readonly folder: string;
  readonly name: string;
  /** By its mark. `another`: a deployment of this product, but not this one. */
  readonly madeBy: 'us' | 'another' | 'somebody';
  /** Of ours: for which route it was made. */
  readonly route: string | null;
}

/** An item of a folder, anybody's, as it stands there now; without a card, it was removed from it. */
export interface ItemChange {
  readonly item: string;
  readonly card: Card | null;
}

export interface FoundItem {
  readonly item: string;
  readonly identity: string;
  /** The mark says so. */
  readonly origin: LinkOrigin;
  /** What stands in the fields that were asked for, for the fingerprint. In memory only. */
  readonly card: Card;
  /** Whoever answered may be behind: that it looks right proves nothing, after a write of unknown outcome. */
  readonly mayBeBehind?: true;
}
