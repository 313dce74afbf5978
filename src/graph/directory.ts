import { Fault } from '../model/fault.ts';
import {
  LIST_ATTRIBUTES,
  TEXT_ATTRIBUTES,
  type Attribute,
  type ListAttribute,
  type Person,
  type TextAttribute,
} from '../model/person.ts';
import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { field, list, text, texts } from '../kit/json.ts';
import { DELTA_FILTER_IDS } from './throttle.ts';

const ALWAYS_READ = ['id', 'accountEnabled', 'userType', 'assignedLicenses'] as const;

/**
 * What a person is read with: no more than the routes use. In a delta query it is also the filter of changes
 * (learn.microsoft.com/graph/delta-query-overview), so a token belongs to its selection.
 */
function selection(attributes: Iterable<Attribute>, elsewhere: ReadonlySet<Attribute>): string {
  const properties = Array.from(attributes)
    .filter((attribute) => !elsewhere.has(attribute))
    .map((attribute) =>
      attribute.startsWith(EXTENSION_ATTRIBUTE) ? 'onPremisesExtensionAttributes' : attribute,
    );
  return [...ALWAYS_READ, ...new Set(properties)].join(',');
}

/** No property of a person: read by a path of its own, or a relation, which is expanded. */
const NO_PROPERTY: ReadonlySet<Attribute> = new Set<Attribute>(['mailboxPurpose', 'manager']);
/** Delta tells of the relation as well, by its name among the others, though not of every change of it (learn.microsoft.com/graph/api/user-delta). */
const NOT_IN_DELTA: ReadonlySet<Attribute> = new Set<Attribute>(['mailboxPurpose']);

/** Microsoft Graph keeps the fifteen in an object of their own. */
const EXTENSION_ATTRIBUTE = 'extensionAttribute';

/** An entry of a delta page over users or contacts: an id to look at, and whether the directory says that it is gone. */
export interface UserDelta {
  readonly id: string;
  /** `changed`: soft-deleted and may be restored; `deleted`: for good. */
  readonly removed: 'changed' | 'deleted' | undefined;
}

/** An entry of a `groups` delta page. One group may come several times with different members: they add up. */
export interface GroupDelta extends UserDelta {
  readonly members: readonly MemberDelta[];
}

interface MemberDelta {
  readonly id: string;
  /** Devices are none of ours. */
  readonly kind: 'person' | 'contact' | 'group' | 'other';
  readonly left: boolean;
}

/**
 * 404 when the person is deleted, softly or not, or not replicated yet. A manager is expanded to the id alone
 * (learn.microsoft.com/graph/api/user-list-manager); whoever has none comes without the relation.
 */
export function getUser(
  id: string,
  attributes: readonly Attribute[],
  priority: Priority = 'live',
): GraphCall {
  const url = at`/users/${id}?$select=${selection(attributes, NO_PROPERTY)}`;
  const expanded = attributes.includes('manager') ? at`&$expand=${'manager($select=id)'}` : '';
  return { method: 'GET', url: url + expanded, ...ranked(priority) };
}

/** What a mailbox is for: neither in `$select` nor in delta (learn.microsoft.com/graph/api/user-get-mailboxsettings). Needs `MailboxSettings.Read`. */
export function getMailboxPurpose(id: string, priority: Priority = 'live'): GraphCall {
  return {
    method: 'GET',
    url: at`/users/${id}/mailboxSettings/userPurpose`,
    ...ranked(priority),
    mailbox: id,
  };
}

/** Throws `unavailable` for an answer that is none. */
export function readMailboxPurpose({ body, status }: GraphAnswer): string {
  const purpose = text(body, 'value');
  if (purpose === null) throw unreadable(status, 'GET');
  return purpose.toLowerCase();
}

/** What is throttled first when the directory is short: learn.microsoft.com/graph/throttling-limits. */
export const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' } as const;

export function ranked(priority: Priority): Pick<GraphCall, 'priority' | 'headers'> {
  return priority === 'bulk' ? { priority, headers: LOW_PRIORITY } : { priority };
}

/** The proof of a soft deletion: present for 30 days. Needs no more than the right to read the object. */
export function getDeletedItem(id: string, priority: Priority = 'live'): GraphCall {
  return { method: 'GET', url: at`/directory/deletedItems/${id}?$select=id`, ...ranked(priority) };
}

/** Where a full round over all people starts. */
export function usersDeltaStart(attributes: Iterable<Attribute>): string {
  return at`/users/delta?$select=${selection(attributes, NOT_IN_DELTA)}`;
}

/**
 * Where a full round over up to 50 groups, or administrative units, and their direct members starts. Of units the members come
 * unless something else is selected; that they could be selected is documented of groups alone. Throws `invalid` for none or
 * for more.
 */
export function groupsDeltaStart(ids: readonly string[], kind: 'group' | 'unit' = 'group'): string {
  if (ids.length === 0 || ids.length > DELTA_FILTER_IDS) {
    throw new Fault('invalid', `a delta query takes 1 to ${DELTA_FILTER_IDS} groups`, {});
  }
  const filter = ids.map((id) => `id eq ${quoted(id)}`).join(' or ');
  return kind === 'unit'
    ? at`/directory/administrativeUnits/delta?$filter=${filter}`
    : at`/groups/delta?$select=${'id,members'}&$filter=${filter}`;
}

/** Throws `unavailable` for an answer that is no user: a failed read is never an absence. */
export function readPerson(answer: GraphAnswer): Person {
  const { body, status } = answer;
  const id = text(body, 'id');
  const licences = list(body, 'assignedLicenses');
  if (id === null || licences === undefined) throw unreadable(status, 'GET');
  return {
    id: id.toLowerCase(),
    kind: 'user',
    accountEnabled: flag(body, 'accountEnabled'),
    userType: text(body, 'userType'),
    // A collection that was never set may be left out of an answer.
    licences: list(body, 'assignedLicenses')?.length ?? 0,
    showInAddressList: flag(body, 'showInAddressList'),
    mailboxPurpose: null,
    manager: text(field(body, 'manager'), 'id')?.toLowerCase() ?? null,
    ...textsOf(body),
    ...listsOf(body),
  };
}

export function textsOf(body: unknown): Pick<Person, TextAttribute> {
  const extensions = field(body, 'onPremisesExtensionAttributes');
  const entries = TEXT_ATTRIBUTES.map((name) => [
    name,
    text(name.startsWith(EXTENSION_ATTRIBUTE) ? extensions : body, name),
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name of the list
  return Object.fromEntries(entries) as Pick<Person, TextAttribute>;
}

export function listsOf(body: unknown): Pick<Person, ListAttribute> {
  const entries = LIST_ATTRIBUTES.map((name) => [name, texts(body, name)]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name of the list
  return Object.fromEntries(entries) as Pick<Person, ListAttribute>;
}

function flag(body: unknown, name: string): boolean | null {
  const value = field(body, name);
  return typeof value === 'boolean' ? value : null;
}

/** Throws `unavailable` for an entry without an id: it could be anybody. */
export function readUserDelta(item: unknown): UserDelta {
  return { id: idOf(item), removed: removalOf(item) };
}

/** Throws `unavailable` for an entry, or a member, without an id. */
export function readGroupDelta(item: unknown): GroupDelta {
  const members = (list(item, 'members@delta') ?? []).map((member) => ({
    id: idOf(member),
    kind: kindOf(member),
    left: removalOf(member) !== undefined,
  }));
  return { id: idOf(item), removed: removalOf(item), members };
}

function idOf(item: unknown): string {
  const id = text(item, 'id');
  if (id === null)
    throw new Fault('unavailable', 'an entry of a delta page has no id', { code: 'UnreadableAnswer' });
  return id.toLowerCase();
}

function removalOf(item: unknown): UserDelta['removed'] {
  const removed = field(item, '@removed');
  if (removed === undefined) return undefined;
  return text(removed, 'reason') === 'deleted' ? 'deleted' : 'changed';
}

const KINDS: ReadonlyMap<string, MemberDelta['kind']> = new Map([
  ['#microsoft.graph.user', 'person'],
  ['#microsoft.graph.orgcontact', 'contact'],
  ['#microsoft.graph.group', 'group'],
] as const);

/** The case of `@odata.type` differs between REST and notifications. */
function kindOf(member: unknown): MemberDelta['kind'] {
  const type = text(member, '@odata.type')?.toLowerCase();
  return KINDS.get(type ?? '') ?? 'other';
}
