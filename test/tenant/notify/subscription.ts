/** A live subscription, as the tenant keeps it. Times in milliseconds since 1970. */
export interface Subscription {
  readonly id: string;
  readonly resource: string;
  readonly changeType: string;
  readonly clientState: string;
  notificationUrl: string;
  readonly lifecycleNotificationUrl: string | undefined;
  readonly latestSupportedTlsVersion: string;
  expiresAt: number;
  /** Asked to reauthorize: notifications pause when that has not happened by then. */
  reauthorizeBy: number | undefined;
  renewedAt: number | undefined;
  reauthorizedAt: number | undefined;
}

/** What a subscription listens to: one collection, or one object of it. */
export interface Target {
  readonly collection: 'users' | 'groups';
  readonly id: string | undefined;
}

export function targetOf(resource: string): Target | undefined {
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
