/** A live subscription, as the tenant keeps it. Times in milliseconds since 1970. */
export interface Subscription {
  readonly id: string;
  readonly resource: string;
  readonly changeType: string;
  readonly clientState: string;
  notificationUrl: string;
  readonly lifecycleNotificationUrl: string | undefined;
  readonly latestSupportedTlsVersion: string;
  /** Whether items are named by ids that stay when they move: settled for life when it is made. */
  readonly immutableIds: boolean;
  expiresAt: number;
  /** Asked to reauthorize: notifications pause when that has not happened by then. */
  reauthorizeBy: number | undefined;
  renewedAt: number | undefined;
  reauthorizedAt: number | undefined;
}

/** What a subscription listens to: a collection of the directory or one object of it, or the contacts of a mailbox. */
export type Target = DirectoryTarget | ContactsTarget;

interface DirectoryTarget {
  readonly collection: 'users' | 'groups';
  readonly id: string | undefined;
}

interface ContactsTarget {
  readonly collection: 'contacts';
  readonly userId: string;
  /** As the client named it; undefined for the path without a folder. */
  readonly folderId: string | undefined;
}

/** Folders go by their id, whose case counts (learn.microsoft.com/graph/outlook-change-notifications-overview). */
const CONTACTS = /^\/?users\/([0-9a-f-]{36})(?:\/contactFolders\/([^/?]+))?\/contacts$/i;

export function targetOf(resource: string): Target | undefined {
  const contacts = CONTACTS.exec(resource);
  if (contacts !== null) {
    return { collection: 'contacts', userId: (contacts[1] ?? '').toLowerCase(), folderId: contacts[2] };
  }
  const match = /^\/?(users|groups)(?:\/([0-9a-fA-F-]{36}))?$/i.exec(resource);
  if (match === null) return undefined;
  const collection = match[1]?.toLowerCase() === 'users' ? 'users' : 'groups';
  return { collection, id: match[2]?.toLowerCase() };
}

/** The recorded form: an offset, and seven digits of a second (learn.microsoft.com/graph/change-notifications-delivery-webhooks). */
export function offsetTimestamp(at: number): string {
  const shifted = new Date(at - 8 * 3_600_000).toISOString();
  return `${shifted.slice(0, -1)}0000-08:00`;
}
