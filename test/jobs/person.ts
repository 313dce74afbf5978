import { readPerson } from '../../src/graph/directory.ts';
import type { Person } from '../../src/model/person.ts';

/** A colleague of whom only this is known. */
export function personWith(known: Partial<Person> = {}): Person {
  const body = { id: 'ann', accountEnabled: true, userType: 'Member', assignedLicenses: [] };
  return { ...readPerson({ status: 200, headers: {}, body }), ...known };
}
