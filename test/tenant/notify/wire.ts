import type { DirectoryChange, MemberChange } from '../directory/objects.ts';
import type { Switches } from '../options.ts';
import { offsetTimestamp, type Subscription } from './subscription.ts';

/** The first sequence number of a tenant: 18 digits, beyond what a JavaScript number holds exactly. */
export const FIRST_SEQUENCE = 638_059_995_676_961_301n;

/** What is told of: an object of the directory, or a contact. */
export type Occurrence = DirectoryOccurrence | ContactOccurrence;

export interface ContactOccurrence {
  readonly collection: 'contacts';
  readonly userId: string;
  /** The item as it is named by either kind of id, at the time of the change. */
  readonly ids: { readonly regular: string; readonly immutable: string };
  readonly etag: string;
  readonly changeType: 'created' | 'updated' | 'deleted';
}

export interface DirectoryOccurrence {
  readonly collection: 'users' | 'groups';
  readonly id: string;
  readonly changeType: DirectoryChange['changeType'];
  readonly members: readonly MemberChange[];
  readonly sequence: bigint;
  readonly at: number;
}

interface Spelling extends Pick<Switches, 'memberHints' | 'contactSpelling'> {
  readonly tenantId: string;
}

export function notificationJson(how: Spelling, subscription: Subscription, what: Occurrence): string {
  if (what.collection === 'contacts') return contactJson(how, subscription, what);
  return directoryJson(how, subscription, what);
}

/**
 * As messages are told of; whether contacts are spelled likewise is not documented. No organisation and no sequence number
 * (learn.microsoft.com/graph/outlook-change-notifications-overview).
 */
function contactJson(
  { tenantId, contactSpelling }: Spelling,
  subscription: Subscription,
  what: ContactOccurrence,
): string {
  const id = subscription.immutableIds ? what.ids.immutable : what.ids.regular;
  const capitals = contactSpelling === 'capitals';
  const resource = capitals ? `Users/${what.userId}/Contacts/${id}` : `users/${what.userId}/contacts/${id}`;
  return JSON.stringify({
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: offsetTimestamp(subscription.expiresAt),
    changeType: what.changeType,
    resource,
    resourceData: {
      '@odata.type': capitals ? '#Microsoft.Graph.Contact' : '#microsoft.graph.contact',
      '@odata.id': resource,
      '@odata.etag': what.etag,
      id,
    },
    clientState: subscription.clientState,
    tenantId,
  });
}

/**
 * One notification as recorded from live calls: `Users/<id>`, types with capitals, no item id, offset timestamps,
 * and the sequence number as a bare integer, which `JSON.stringify` could not write (learn.microsoft.com/graph/change-notifications-delivery-webhooks).
 */
function directoryJson(
  { tenantId, memberHints }: Spelling,
  subscription: Subscription,
  what: DirectoryOccurrence,
): string {
  const users = what.collection === 'users';
  const resource = `${users ? 'Users' : 'Groups'}/${what.id}`;
  const data = {
    '@odata.type': users ? '#Microsoft.Graph.User' : '#Microsoft.Graph.Group',
    '@odata.id': resource,
    id: what.id,
    organizationId: tenantId,
    ...(users ? {} : { eventTime: new Date(what.at).toISOString().replace('Z', '0000Z') }),
    ...membersDelta(what.members, memberHints),
  };
  const item = JSON.stringify({
    changeType: what.changeType,
    clientState: subscription.clientState,
    resource,
    resourceData: data,
    subscriptionExpirationDateTime: offsetTimestamp(subscription.expiresAt),
    subscriptionId: subscription.id,
    tenantId,
  });
  const marker = `"organizationId":"${tenantId}"`;
  return item.replace(marker, `${marker},"sequenceNumber":${what.sequence}`);
}

/** How exactly members are named, and whether all of them are, is not documented. */
function membersDelta(
  members: readonly MemberChange[],
  how: Switches['memberHints'],
): Record<string, unknown> {
  const told = how === 'partial' ? members.slice(1) : members;
  if (told.length === 0 || how === 'none') return {};
  const removed = how === 'object' ? { reason: 'deleted' } : 'deleted';
  const hints = told.map(({ id, added }) => (added ? { id } : { id, '@removed': removed }));
  return { 'members@delta': hints };
}

export function lifecycleJson(tenantId: string, subscription: Subscription, event: string): string {
  return JSON.stringify({
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: offsetTimestamp(subscription.expiresAt),
    tenantId,
    clientState: subscription.clientState,
    lifecycleEvent: event,
  });
}
