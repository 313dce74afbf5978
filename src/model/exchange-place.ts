/**
 * Exchange Online of a tenant, as a place beside the tenant's mailboxes: a connection of its own, with its own room and its own
 * waits. A tenant's key has no slash, so nothing else is called so.
 */
export function exchangeOf(tenant: string): string {
  return `${tenant}/exchange`;
}

/** The tenant whose Exchange this is; the name itself where it is a tenant. */
export function tenantOf(place: string): string {
  return place.split('/')[0] ?? place;
}

/** What the place is called; nobody can rename it. */
export const MAIL_CONTACTS = 'mail contacts';
