import type { Tenant } from '../tenant/tenant.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { FOLDER } from './configuration.ts';

/** Puts a contact of the owner's own among the managed ones, in every mailbox that has the folder. */
export function addForeignToManagedFolders(tenant: Tenant): void {
  for (const mailbox of tenant.mailboxes.all()) {
    const folder = mailbox.folderNamed(FOLDER);
    if (folder) tenant.mailboxes.addContact(mailbox.userId, { displayName: 'Plumber' }, folder);
  }
}

/** Every contact without a mark, wherever it is, by its key: equal before and after when nobody was touched. */
export function foreignContacts(tenant: Tenant): Map<string, string> {
  const contacts = new Map<string, string>();
  for (const { userId, items } of allItems(tenant)) {
    for (const item of items) {
      if (markOf(item.content) !== undefined) continue;
      contacts.set(
        `${userId} ${item.key}`,
        `${item.folder.id} ${item.changeKey} ${JSON.stringify(item.content)}`,
      );
    }
  }
  return contacts;
}

/** How many contact folders there are, in all mailboxes together, the default ones not counted. */
export function folderCount(tenant: Tenant): number {
  return [...tenant.mailboxes.all()].reduce((sum, { folders }) => sum + folders.size, 0);
}

function allItems(tenant: Tenant) {
  return [...tenant.mailboxes.all()].map((mailbox) => ({
    userId: mailbox.userId,
    items: [...mailbox.items()],
  }));
}
