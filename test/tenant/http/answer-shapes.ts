import type { Answer } from './call.ts';
import { departure } from './schema.ts';

const ONE_CONTACT = ['users/{id}/contacts', 'users/{id}/contactFolders/{folder}/contacts'];
const FOLDER = 'users/{id}/contactFolders/{folder}';

/** What Microsoft's published description says that the answer to an operation looks like. */
const SHAPES: Readonly<Record<string, string>> = {
  'GET users': 'usersPage',
  'GET users/{id}': 'user',
  'GET users/{id}/manager': 'user',
  'GET users/delta': 'userDeltaPage',
  'GET users/{id}/mailboxSettings': 'mailboxSettings',
  'GET users/{id}/photo': 'profilePhoto',
  'GET users/{id}/photos/{size}': 'profilePhoto',
  'GET groups': 'groupsPage',
  'GET groups/{id}': 'group',
  'GET groups/delta': 'groupDeltaPage',
  'GET groups/{id}/members': 'directoryObjectsPage',
  'GET groups/{id}/members/{cast}': 'directoryObjectsPage',
  'GET groups/{id}/transitiveMembers': 'directoryObjectsPage',
  'GET groups/{id}/transitiveMembers/{cast}': 'directoryObjectsPage',
  'GET directory/administrativeUnits/{id}/members': 'directoryObjectsPage',
  'GET directory/administrativeUnits/{id}/members/{cast}': 'directoryObjectsPage',
  'GET directory/deletedItems/{id}': 'directoryObject',
  'GET directory/deletedItems/{id}/{cast}': 'directoryObject',
  'GET users/{id}/contactFolders': 'contactFoldersPage',
  'POST users/{id}/contactFolders': 'contactFolder',
  [`GET ${FOLDER}`]: 'contactFolder',
  [`PATCH ${FOLDER}`]: 'contactFolder',
  [`GET ${FOLDER}/childFolders`]: 'contactFoldersPage',
  [`POST ${FOLDER}/childFolders`]: 'contactFolder',
  'GET subscriptions': 'subscriptionsPage',
  'POST subscriptions': 'subscription',
  'GET subscriptions/{id}': 'subscription',
  'PATCH subscriptions/{id}': 'subscription',
  ...Object.fromEntries(
    ONE_CONTACT.flatMap((place) => [
      [`GET ${place}`, 'contactsPage'],
      [`POST ${place}`, 'contact'],
      [`GET ${place}/{contact}`, 'contact'],
      [`PATCH ${place}/{contact}`, 'contact'],
      [`GET ${place}/{contact}/photo`, 'profilePhoto'],
      [`POST ${place}/{contact}/extensions`, 'openTypeExtension'],
      [`GET ${place}/{contact}/extensions/{extension}`, 'openTypeExtension'],
      [`PATCH ${place}/{contact}/extensions/{extension}`, 'openTypeExtension'],
    ]),
  ),
};

/** Operations whose answers the published slice does not describe, or that answer without a body. */
const UNDESCRIBED =
  /^DELETE |\$value$|\/permanentDelete$|\/reauthorize$|^GET (?:contacts|directory\/administrativeUnits)(?:\/\{id\}|\/delta)?$|\/userPurpose$|^GET users\/\{id\}\/photos$|\/extensions$|\/contacts\/delta$/;

/** The name of a published shape, `undescribed`, or undefined for an operation that nobody thought of. */
export function shapeOf(operation: string): string | undefined {
  return SHAPES[operation] ?? (UNDESCRIBED.test(operation) ? 'undescribed' : undefined);
}

/** Where an answer departs from what is published; undefined when it does not. Never names a value. */
export function departureOf(operation: string, answer: Answer): string | undefined {
  const shape = answer.status >= 400 ? 'odataError' : shapeOf(operation);
  if (shape === 'undescribed') return undefined;
  if (shape === undefined) return `${operation}: no shape is known`;
  const what = departure(shape, answer.body);
  return what === undefined ? undefined : `${operation}: ${shape}${what}`;
}
