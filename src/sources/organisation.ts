import type { Sighting, Source, SourcePage } from '../engine/ports.ts';
import { LIST_ATTRIBUTES, TEXT_ATTRIBUTES, type Person } from '../model/person.ts';

/** It never changes, so there is nothing to ask for but whether it was told already. */
const TOLD = 'told';

/**
 * The organisation itself, as the one owner of a place that is nobody's mailbox: whoever receives in Exchange of a tenant is
 * found by a round over everybody, as mailboxes are.
 */
export function createOrganisation(tenantId: string): Source {
  const id = tenantId.toLowerCase();
  const present: Sighting = { kind: 'present', person: nobody(id) };
  return {
    listings: ['users'],
    keepsSilent: false,
    look: async (ids) =>
      new Map(ids.map((one) => [one, one === id ? present : { kind: 'absent', proven: true }] as const)),
    changedPeople: (token) => pageOf(token === null ? [id] : []),
    changedGroups: () => pageOf([]),
    pictureTags: async (ids) => new Map(ids.map((one) => [one, { kind: 'tag', tag: null }] as const)),
    picture: async () => null,
  };
}

async function* pageOf<Item>(items: readonly Item[]): AsyncGenerator<SourcePage<Item>> {
  yield { items, token: TOLD };
}

/** No attribute of a person means anything here. */
function nobody(id: string): Person {
  const account = {
    id,
    kind: 'user',
    accountEnabled: null,
    userType: null,
    licences: 0,
    showInAddressList: null,
    mailboxPurpose: null,
    manager: null,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every attribute of both lists is there
  return {
    ...account,
    ...Object.fromEntries(TEXT_ATTRIBUTES.map((name) => [name, null])),
    ...Object.fromEntries(LIST_ATTRIBUTES.map((name) => [name, []])),
  } as unknown as Person;
}
