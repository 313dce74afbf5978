import { readPerson } from '../../src/graph/directory.ts';
import type { Person } from '../../src/model/person.ts';

/** Somebody with a licence, a name and an address; the rest as a test wants it. */
export function somebody(changes: Partial<Person> = {}): Person {
  const account = { id: 'ann', accountEnabled: true, userType: 'Member', assignedLicenses: [{}] };
  const body = { ...account, givenName: 'Ann', surname: 'Doe', mail: 'Ann.Doe@Contoso.com' };
  return { ...readPerson({ status: 200, headers: {}, body }), ...changes };
}
