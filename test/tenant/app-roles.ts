import type { Switches } from './options.ts';

/** What Exchange can grant to an app for some mailboxes only (learn.microsoft.com/exchange/permissions-exo/application-rbac). */
const EXCHANGE_ROLES: readonly string[] = ['Contacts.ReadWrite', 'Contacts.Read'];

/** Where the permissions of an app stand: in the token, or with Exchange alone. */
export interface AppRoles {
  readonly roles: readonly string[];
  readonly scoped: readonly string[];
}

export function appRoles(
  granted: readonly string[],
  { exchangeScoped, scopedSubscriptions }: Pick<Switches, 'exchangeScoped' | 'scopedSubscriptions'>,
): AppRoles {
  if (!exchangeScoped) return { roles: granted, scoped: [] };
  const roles = granted.filter((role) => !EXCHANGE_ROLES.includes(role));
  // Reading is part of writing, so that `Contacts.Read` opens nothing else than subscriptions.
  const reads = granted.includes('Contacts.Read') && scopedSubscriptions === 'accepted';
  return { roles, scoped: ['Contacts.ReadWrite', ...(reads ? ['Contacts.Read'] : [])] };
}
