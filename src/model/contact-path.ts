/** Paths of Graph that lead to the contacts of a mailbox: what is subscribed to, and what a notification names. */
const CONTACTS = /^\/?users\/([^/]+)\/(?:contactfolders\/[^/]+\/)?contacts(?:\/.*)?$/i;

/** All contacts of the mailbox's own folder, or (`folder`, an id) of another one. */
export function contactsPath(mailbox: string, folder: string | null): string {
  return folder === null ? `users/${mailbox}/contacts` : `users/${mailbox}/contactFolders/${folder}/contacts`;
}

/** In whose mailbox are the contacts, or the one contact, that a path leads to? As it is written there; null: it leads elsewhere. */
export function ownerOfContacts(path: string): string | null {
  return CONTACTS.exec(path)?.[1] ?? null;
}

/**
 * One spelling for everything that a subscription may be about: Graph may put a slash in front, and writes words and
 * object ids in its own case. The case of a folder's id counts.
 */
export function plainPath(path: string): string {
  const parts = path.replace(/^\//, '').split('/');
  const folder = parts[2]?.toLowerCase() === 'contactfolders' ? 3 : null;
  return parts.map((part, index) => (index === folder ? part : part.toLowerCase())).join('/');
}
