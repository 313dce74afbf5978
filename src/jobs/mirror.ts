import type { MirrorJobConfig } from '../kit/config/config.ts';
import { bookOf } from '../model/book.ts';
import {
  ADDRESS_FIELDS,
  CARD_FIELDS,
  emptyOf,
  LIST_FIELDS,
  TEXT_FIELDS,
  type Card,
  type CardField,
} from '../model/card.ts';
import type { Person } from '../model/person.ts';
import type { Condition, Route, Sharing } from '../model/route.ts';
import { definitionOf } from './definition.ts';
import { targetScope } from './scope.ts';

/** Raised when the meaning of what is shared changes: then everything is looked at anew after an upgrade. */
const ALGORITHM = 1;

/** Notes and categories are their owner's own, and nobody else's business. */
const OWN: ReadonlySet<CardField> = new Set<CardField>(['personalNotes', 'categories']);
const SHARED: ReadonlySet<CardField> = new Set<CardField>([
  ...TEXT_FIELDS,
  'emailAddresses',
  ...LIST_FIELDS,
  ...ADDRESS_FIELDS,
]);
const OWNS: readonly CardField[] = CARD_FIELDS.filter((name) => SHARED.has(name) && !OWN.has(name));

/** As Outlook keeps them (MS-OXCMSG, PidTagSensitivity). */
const SENSITIVITY = { personal: 1, private: 2, confidential: 3 } as const;

/** What members' mailboxes share: all of it stands in the hub, and what stands there in every member's own folder. */
export function mirrorRoutes(job: MirrorJobConfig): Route[] {
  const members = targetScope(job.members);
  const { hub } = job;
  const shared = {
    job: job.id,
    sourceTenant: bookOf(job.tenant, job.id),
    targetTenant: job.tenant,
    contacts: false,
    mailGroups: false,
    shows: [{ rule: 'book', asks: 'a contact that is shared', meets: ({ kind }) => kind === 'contact' }],
    // Whoever is in a book is a contact, and has no mailbox.
    ownContact: true,
    owns: OWNS,
    shape: cardIn,
    withheld: () => new Set<string>(),
    photo: null,
    guard: job.guard,
    graceMs: 0,
    adopt: null,
  } satisfies Partial<Route>;
  const { private: kept, onDelete, updateExisting } = job;
  const definition = (scope: object): string =>
    definitionOf(scope, [ALGORITHM, kept, onDelete, updateExisting]);
  const sharing = sharingBy(job);
  const isHub: Condition = { rule: 'hub', asks: hub.mailbox, meets: ({ id }) => id === hub.mailbox };
  return [
    {
      ...shared,
      id: `${job.id}/in`,
      groups: { source: [], target: [], shape: [] },
      units: [],
      barring: [],
      reads: [],
      receives: [isHub],
      first: null,
      folder: hub.folder,
      shares: { ...sharing, stands: 'named' },
      definition: definition({ hub: hub.mailbox }),
    },
    {
      ...shared,
      id: `${job.id}/out`,
      groups: { source: [], target: members.groups, shape: [] },
      units: members.units,
      barring: members.barring,
      reads: members.reads,
      receives: [
        { rule: 'hub', asks: `not ${hub.mailbox}`, meets: ({ id }) => id !== hub.mailbox },
        ...members.conditions,
      ],
      first: job.members.first ?? null,
      folder: 'Contacts',
      shares: { ...sharing, stands: 'default' },
      definition: definition(job.members),
    },
  ];
}

function sharingBy({ private: kept, onDelete, updateExisting }: MirrorJobConfig): Omit<Sharing, 'stands'> {
  const categories = new Set(kept.categories.map((name) => name.toLowerCase()));
  const sensitivities = new Set<number>(kept.sensitivity.map((name) => SENSITIVITY[name]));
  return {
    onDelete,
    updates: updateExisting,
    isPrivate: (contact) =>
      sensitivities.has(contact.sensitivity) ||
      contact.categories.some((name) => categories.has(name.trim().toLowerCase())),
  };
}

/** Each field that is shared: what a contact has nothing in is empty wherever it is shown. */
function cardIn({ card = {} }: Person): Card {
  return Object.fromEntries(OWNS.map((name) => [name, card[name] ?? emptyOf(name)]));
}
