import { Fault } from '../model/fault.ts';
import type { Person } from '../model/person.ts';
import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { field, list, text, texts } from './json.ts';
import { DELTA_FILTER_IDS } from './throttle.ts';

/** What a person is read with; in a delta query it is also the filter of changes (learn.microsoft.com/graph/delta-query-overview). */
const PERSON_FIELDS =
  'id,accountEnabled,userType,assignedLicenses,displayName,givenName,surname,jobTitle,department,companyName,mail,mobilePhone,businessPhones';

/** An entry of a `users` delta page: an id to look at, and whether the directory says that it is gone. */
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
  readonly kind: 'person' | 'group' | 'other';
  readonly left: boolean;
}

/** 404 when the person is deleted, softly or not, or not replicated yet. */
export function getUser(id: string, priority: Priority = 'live'): GraphCall {
  return { method: 'GET', url: at`/users/${id}?$select=${PERSON_FIELDS}`, ...ranked(priority) };
}

/** What is throttled first when the directory is short: learn.microsoft.com/graph/throttling-limits. */
export const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' } as const;

function ranked(priority: Priority): Pick<GraphCall, 'priority' | 'headers'> {
  return priority === 'bulk' ? { priority, headers: LOW_PRIORITY } : { priority };
}

/** The proof of a soft deletion: present for 30 days. Needs no more than the right to read the object. */
export function getDeletedItem(id: string, priority: Priority = 'live'): GraphCall {
  return { method: 'GET', url: at`/directory/deletedItems/${id}?$select=id`, ...ranked(priority) };
}

/** Where a full round over all people starts. */
export function usersDeltaStart(): string {
  return at`/users/delta?$select=${PERSON_FIELDS}`;
}

/** Where a full round over up to 50 groups and their direct members starts. Throws `invalid` for none or for more. */
export function groupsDeltaStart(ids: readonly string[]): string {
  if (ids.length === 0 || ids.length > DELTA_FILTER_IDS) {
    throw new Fault('invalid', `a delta query takes 1 to ${DELTA_FILTER_IDS} groups`, {});
  }
  const filter = ids.map((id) => `id eq ${quoted(id)}`).join(' or ');
  return at`/groups/delta?$select=${'id,members'}&$filter=${filter}`;
}

/** Throws `unavailable` for an answer that is no user: a failed read is never an absence. */
export function readPerson(answer: GraphAnswer): Person {
  const { body, status } = answer;
  const id = text(body, 'id');
  const licences = list(body, 'assignedLicenses');
  if (id === null || licences === undefined) throw unreadable(status, 'GET');
  const accountEnabled = field(body, 'accountEnabled');
  return {
    id: id.toLowerCase(),
    accountEnabled: typeof accountEnabled === 'boolean' ? accountEnabled : null,
    userType: text(body, 'userType'),
    // A collection that was never set may be left out of an answer.
    licences: list(body, 'assignedLicenses')?.length ?? 0,
    displayName: text(body, 'displayName'),
    givenName: text(body, 'givenName'),
    surname: text(body, 'surname'),
    jobTitle: text(body, 'jobTitle'),
    department: text(body, 'department'),
    companyName: text(body, 'companyName'),
    mail: text(body, 'mail'),
    mobilePhone: text(body, 'mobilePhone'),
    businessPhones: texts(body, 'businessPhones'),
  };
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

/** The case of `@odata.type` differs between REST and notifications. */
function kindOf(member: unknown): MemberDelta['kind'] {
  const type = text(member, '@odata.type')?.toLowerCase();
  if (type === '#microsoft.graph.group') return 'group';
  return type === '#microsoft.graph.user' ? 'person' : 'other';
}
