/**
 * What the mailboxes of a job share, as a source beside the tenant's people: a book of contacts, each of them an identity whose
 * newest edit stands in one of the mailboxes. A tenant's key has no slash, so nothing else is called so.
 */
export function bookOf(tenant: string, job: string): string {
  return `${tenant}/book/${job}`;
}

/** The tenant whose mailboxes share this book; null for a source that is none. */
export function tenantOfBook(source: string): string | null {
  const [tenant = '', job] = source.split('/book/');
  return job === undefined ? null : tenant;
}
