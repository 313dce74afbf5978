import { field, text } from '../kit/json.ts';
import { WITHOUT_ACCOUNT, type Attribute, type Person } from '../model/person.ts';
import { at, type GraphCall, type Priority } from './call.ts';
import { listsOf, ranked, textsOf } from './directory.ts';
import { unreadable, type GraphAnswer } from './faults.ts';

/** What a group that has an address has in common with a person (learn.microsoft.com/graph/api/resources/group). */
const PROPERTIES: ReadonlySet<Attribute> = new Set<Attribute>([
  'displayName',
  'mail',
  'mailNickname',
  'proxyAddresses',
]);

function selection(attributes: Iterable<Attribute>): string {
  return ['id', 'mailEnabled', ...new Set(attributes).intersection(PROPERTIES)].join(',');
}

/** 404 when there is no such group, or it is not replicated yet. */
export function getMailGroup(
  id: string,
  attributes: Iterable<Attribute>,
  priority: Priority = 'live',
): GraphCall {
  return { method: 'GET', url: at`/groups/${id}?$select=${selection(attributes)}`, ...ranked(priority) };
}

/** Where a full round over all groups starts, without their members. Needs `Group.Read.All`. */
export function mailGroupsDeltaStart(attributes: Iterable<Attribute>): string {
  return at`/groups/delta?$select=${selection(attributes)}`;
}

/** An entry of a page that says itself that mail cannot be sent there. Where it says nothing, it has to be looked at. */
export function isMailless(item: unknown): boolean {
  return field(item, 'mailEnabled') === false;
}

/** A group as somebody to be shown; without an address where mail is not enabled. Throws `unavailable` for an answer that is none. */
export function readMailGroup({ body, status }: GraphAnswer): Person {
  const id = text(body, 'id');
  const isEnabled = field(body, 'mailEnabled');
  if (id === null || typeof isEnabled !== 'boolean') throw unreadable(status, 'GET');
  return {
    id: id.toLowerCase(),
    kind: 'group',
    ...WITHOUT_ACCOUNT,
    ...textsOf(body),
    ...listsOf(body),
    ...(isEnabled ? {} : { mail: null, proxyAddresses: [] }),
  };
}
