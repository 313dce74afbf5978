/**
 * What a path of Graph may consist of. Every other segment is an id or a name of somebody's making, and none of them belongs
 * into a figure: it would name a person, and make one more series of each.
 */
const WORDS: ReadonlySet<string> = new Set([
  '$batch',
  '$value',
  'administrativeUnits',
  'childFolders',
  'contactFolders',
  'contacts',
  'deletedItems',
  'delta',
  'directory',
  'extensions',
  'groups',
  'mailboxSettings',
  'organization',
  'permanentDelete',
  'photo',
  'subscriptions',
  'userPurpose',
  'users',
]);

/**
 * The operation behind a URL, whole or below the version: `GET /users/{id}/contactFolders/{id}/contacts`. What follows the
 * path is left out, and so is the version.
 */
export function operationName(method: string, url: string): string {
  const path = url.replace(/^https?:\/\/[^/]*/, '').replace(/[?#].*$/s, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments[0] === 'v1.0') segments.shift();
  return `${method} /${segments.map((segment) => (WORDS.has(segment) ? segment : '{id}')).join('/')}`;
}
