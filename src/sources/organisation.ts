import type { Sighting, Source, SourcePage } from '../engine/ports.ts';
import { listsOf, textsOf } from '../graph/directory.ts';
import { WITHOUT_ACCOUNT } from '../model/person.ts';

/** It never changes, so there is nothing to ask for but whether it was told already. */
const TOLD = 'told';

/**
 * The organisation itself, as the one owner of a place that is nobody's mailbox: whoever receives in Exchange of a tenant is
 * found by a round over everybody, as mailboxes are.
 */
export function createOrganisation(tenantId: string): Source {
  const id = tenantId.toLowerCase();
  // No attribute of a person means anything here.
  const nobody = { id, kind: 'user', ...WITHOUT_ACCOUNT, ...textsOf(null), ...listsOf(null) } as const;
  const present: Sighting = { kind: 'present', person: nobody };
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
