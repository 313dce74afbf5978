/** Counters of the ledger in which the service leaves word of a tenant for `status` (milliseconds since 1970; 0: nothing). */

/** Since when nothing succeeds in a tenant. */
export function hinderedSince(tenant: string): string {
  return `hindered since|${tenant}`;
}

/** When the certificate that proves the app in a tenant ends. */
export function certificateEnds(tenant: string): string {
  return `certificate ends|${tenant}`;
}
