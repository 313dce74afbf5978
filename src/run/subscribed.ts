import type { Ledger } from '../engine/ledger-port.ts';
import type { SharingPlace } from '../engine/mailbox-port.ts';
import type { Subscribable } from '../engine/subscription-port.ts';
import { CONTACT_TERMS, DIRECTORY_TERMS } from '../graph/subscriptions.ts';
import { makeClientState, type Subject } from '../model/client-state.ts';
import { contactsPath, ownerOfContacts } from '../model/contact-path.ts';
import type { Route, Sharing } from '../model/route.ts';
import { folderId, foldersBeside } from '../model/standing.ts';

/** What tells of a tenant's people and groups. */
export const SUBSCRIBED: readonly Subscribable[] = ['users', 'groups'].map((resource) => ({
  resource,
  mailbox: null,
  ...DIRECTORY_TERMS,
}));

/**
 * What these routes are to be told of a tenant, whenever it is asked for: people and groups, and the contacts of every mailbox
 * that shares them. Each notification costs a read: none is asked for where no job is.
 */
export function subscribedIn(
  tenant: string,
  routes: readonly Route[],
  ledger: Pick<Ledger, 'routes' | 'mailboxes'>,
): () => Promise<readonly Subscribable[]> {
  const isServed = routes.some((route) => [route.sourceTenant, route.targetTenant].includes(tenant));
  const sharing = new Map(
    routes.flatMap(({ id, targetTenant, shares }) =>
      targetTenant === tenant && shares !== null ? [[id, shares] as const] : [],
    ),
  );
  return async () => {
    if (!isServed) return [];
    if (sharing.size === 0) return SUBSCRIBED;
    const known = (await ledger.routes.all()).filter(({ id }) => sharing.has(id));
    const byKey = new Map(known.map(({ id, key }) => [key, sharing.get(id)]));
    const places = await ledger.mailboxes.sharing(tenant, [...byKey.keys()]);
    const shared = places.flatMap((place) => contactsIn(place, byKey.get(place.route)));
    // Two routes may stand in one folder.
    return [...SUBSCRIBED, ...new Map(shared.map((one) => [one.resource, one])).values()];
  };
}

/** Nothing while the folder is not known. */
function contactsIn({ owner, folder }: SharingPlace, shares: Sharing | undefined): Subscribable[] {
  if (!shares || folder === null) return [];
  const id = folderId(folder);
  if (shares.stands === 'named' && id === '') return [];
  const beside = foldersBeside(folder);
  const folders = beside ? [null, beside.managed] : [shares.stands === 'named' ? id : null];
  return folders.map((one) => ({
    resource: contactsPath(owner, one),
    mailbox: owner,
    ...CONTACT_TERMS,
  }));
}

/** The secret of a subscription to this resource. Throws for one that nobody reads notifications about. */
export function clientStateFor(
  resource: string,
  secret: { readonly nonce: string; readonly tenantId: string; readonly key: Uint8Array },
): string {
  return makeClientState({ kind: 'notification', ...subjectOf(resource), ...secret });
}

function subjectOf(resource: string): Subject {
  if (resource === 'users' || resource === 'groups') return { resource };
  const mailbox = ownerOfContacts(resource);
  if (mailbox === null) throw new Error(`Nobody reads notifications about ${resource}.`);
  return { resource: 'contacts', mailbox };
}
