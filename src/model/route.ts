import type { Card, CardField } from './card.ts';
import type { Attribute, Person } from './person.ts';

/**
 * One direction of a job. The engine sees routes, never a job's name: whatever differs between jobs is data or
 * a pure function here.
 */
export interface Route {
  /** Constant for ever, lower case: it stands in the mark of every item. */
  readonly id: string;
  /** The configuration key of the job; guards and approvals count per job. */
  readonly job: string;
  /** Configuration key of the tenant whose people are shown. */
  readonly sourceTenant: string;
  /** Configuration key of the tenant whose mailboxes receive. */
  readonly targetTenant: string;
  /**
   * Groups and administrative units whose membership, nested groups included, decides who is shown, who receives, and what of
   * somebody is shown (object ids).
   */
  readonly groups: {
    readonly source: readonly string[];
    readonly target: readonly string[];
    readonly shape: readonly string[];
  };
  /** Those of them that are administrative units. */
  readonly units: readonly string[];
  /** Those of them that keep people out: before they have been read, nobody new is shown and no mailbox joins. */
  readonly barring: readonly string[];
  /** Contacts of the organisation may be shown as well. */
  readonly contacts: boolean;
  /** Groups that have an address may be shown as well. */
  readonly mailGroups: boolean;
  /** What `shows`, `receives` and `shape` look at, beside what is always read. Nothing else of a person is asked for. */
  readonly reads: readonly Attribute[];
  /** Who is to be shown. */
  readonly shows: readonly Condition[];
  /** Whose mailboxes receive. */
  readonly receives: readonly Condition[];
  /** At most so many mailboxes receive, those that joined first; null: all of them. */
  readonly first: number | null;
  /** Whether people are contacts in their own mailboxes. */
  readonly ownContact: boolean;
  /**
   * What `shape` fills in every card. No other field of a contact is read, compared or written. Null: no contact can be made of
   * what is known of a person, who is not shown; one that is there, and has to stay for now, stays as it is.
   */
  readonly owns: readonly CardField[];
  readonly shape: (person: Person, memberOf: ReadonlySet<string>) => Card | null;
  /** Fields that stay empty for members of these groups, and `photo` for their picture: `shape` and `photo` go by it. */
  readonly withheld: (memberOf: ReadonlySet<string>) => ReadonlySet<string>;
  /** Contacts show the picture of their person; null: pictures are not ours. */
  readonly photo: PhotoRule | null;
  /** Display name of the managed folder; it may change, the folder is known by its id and mark. */
  readonly folder: string;
  readonly guard: GuardLimits;
  /** So long after a person ceased to be shown, in milliseconds, the guard is asked to remove them; 0: at once. */
  readonly graceMs: number;
  /** What is linked instead of made anew when a mailbox joins; null: nothing. */
  readonly adopt: AdoptRule | null;
  /** Its places share what stands in them, and the newest edit counts, wherever it was made; null: the source alone counts. */
  readonly shares: Sharing | null;
  /** Changes when the definition of scope or shape does: then everybody is looked at again. */
  readonly definition: string;
}

/** Asked of a person as read a moment ago. `memberOf` holds every tracked group that contains the person, at any depth. */
export type Question<Answer> = (person: Person, memberOf: ReadonlySet<string>) => Answer;

/** One condition of a scope: whoever meets all that concern them is in it. */
export interface Condition {
  /** What the configuration calls it. */
  readonly rule: string;
  /** What is asked: object ids of groups and names of attributes, and nothing of anybody. */
  readonly asks: string;
  /** Null: it does not concern somebody like this. */
  readonly meets: Question<boolean | null>;
  /** The groups (object ids), or the list, by which somebody is meant; unless given, it is about something else. */
  readonly through?: Question<readonly string[]>;
}

/** Whether the person meets every condition. */
export function isWithin(
  conditions: readonly Condition[],
  person: Person,
  memberOf: ReadonlySet<string>,
): boolean {
  return conditions.every(({ meets }) => meets(person, memberOf) !== false);
}

export interface PhotoRule {
  /** Of each side of the square that is shown. */
  readonly pixels: number;
}

/** Removals beyond max(`count`, `percent` of the scope) in 24 hours are held for approval. */
export interface GuardLimits {
  readonly count: number;
  readonly percent: number;
}

/** Contacts that were there before us and may be adopted, where exactly one is a person's. */
export interface AdoptRule {
  /** Name of another tool's mark, an open extension; null: none. */
  readonly foreignMark: string | null;
  /** Display name of a folder whose contacts are matched by e-mail address; null: none. */
  readonly folder: string | null;
}

/** How places share their contacts. What is true of one route of a book is true of the others. */
export interface Sharing {
  /**
   * The mailbox's own folder Contacts, or the folder of the route's name, whoever made it; or both (`beside`): what people keep in
   * Contacts, and copies in a folder of the route's name, made by us.
   */
  readonly stands: 'default' | 'named' | 'beside';
  /** What becomes of a contact that was deleted in one place. `keep`: it stays in the others, and is not made again in that one. */
  readonly onDelete: 'keep' | 'everywhere' | 'restore';
  /** Edits reach the other places; else contacts are only added. */
  readonly updates: boolean;
  /** Every write leaves the tag of other tools in the notes, whose text stays its owner's (sync-tag.ts). */
  readonly stamps: boolean;
  /** Whether its owner keeps a contact to themselves. */
  readonly isPrivate: (contact: Intimacy) => boolean;
}

/** What tells that a contact is nobody else's business. */
export interface Intimacy {
  /** As Outlook keeps it (MS-OXCMSG, PidTagSensitivity): 0 normal, 1 personal, 2 private, 3 confidential. */
  readonly sensitivity: number;
  readonly categories: readonly string[];
}
