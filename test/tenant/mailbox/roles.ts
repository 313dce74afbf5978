import type { Handling, Route } from '../http/router.ts';

/** Who may read contacts, and who may write them (learn.microsoft.com/graph/permissions-reference). */
const READ = ['Contacts.Read', 'Contacts.ReadWrite'];
const WRITE = ['Contacts.ReadWrite'];

export function forContacts(route: Handling): Route {
  return { ...route, needs: route.operation.startsWith('GET ') ? READ : WRITE };
}
