import type { MirrorJobConfig } from '../kit/config/config.ts';
import type { PrivateConfig, Sensitivity } from '../kit/config/mirror.ts';
import { bookOf } from '../model/book.ts';
import {
  ADDRESS_FIELDS,
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

/** Raised when the meaning of scopes or of what is shared changes: then every contact is looked at anew after an upgrade. */
const RULES_VERSION = 1;

/** Notes and categories are their owner's: what one writes about somebody is nobody else's business. */
const TEXTS = TEXT_FIELDS.filter((name) => name !== 'personalNotes');
const LISTS = LIST_FIELDS.filter((name) => name !== 'categories');
const OWNED: readonly CardField[] = [...TEXTS, 'emailAddresses', ...LISTS, ...ADDRESS_FIELDS];

/** The values of PidTagSensitivity (MS-OXCMSG 2.2.1.13). */
const LEVELS: Readonly<Record<Sensitivity, number>> = { personal: 1, private: 2, confidential: 3 };

/** The `mirror` job: what members' mailboxes share comes into the folder of the hub, and what stands there goes out to them. */
export function mirrorRoutes(job: MirrorJobConfig): Route[] {
  const { hub } = job;
  const { folder, ...members } = job.members;
  const scope = targetScope(members);
  const both = commonOf(job);
  return [
    {
      ...both,
      id: `${job.id}/in`,
      groups: { source: [], target: [], shape: [] },
      units: [],
      barring: [],
      reads: [],
      receives: [{ rule: 'hub', asks: 'the mailbox of the hub', meets: ({ id }) => id === hub.mailbox }],
      first: null,
      folder: hub.folder,
      shares: { ...sharingOf(job), stands: 'named' },
      definition: definitionOf(meaningOf(job), OWNED),
    },
    {
      ...both,
      id: `${job.id}/out`,
      groups: { source: [], target: scope.groups, shape: [] },
      units: scope.units,
      barring: scope.barring,
      reads: scope.reads,
      receives: [
        ...scope.conditions,
        { rule: 'hub', asks: 'not the mailbox of the hub', meets: ({ id }) => id !== hub.mailbox },
      ],
      first: members.first ?? null,
      folder: folder ?? CONTACTS,
      shares: { ...sharingOf(job), stands: folder === undefined ? 'default' : 'beside' },
      definition: definitionOf({ ...meaningOf(job), members }, OWNED),
    },
  ];
}

/** The folder that every mailbox has. */
const CONTACTS = 'Contacts';

const SHARED: Condition = {
  rule: 'book',
  asks: 'a contact that is shared',
  meets: ({ kind }) => kind === 'contact',
};

/** What is the same in both directions. */
function commonOf({ id, tenant, guard }: MirrorJobConfig) {
  return {
    job: id,
    sourceTenant: bookOf(tenant, id),
    targetTenant: tenant,
    contacts: false,
    mailGroups: false,
    shows: [SHARED],
    // A contact of the book is nobody's mailbox.
    ownContact: true,
    owns: OWNED,
    shape: asShared,
    withheld: () => new Set<string>(),
    photo: null,
    guard,
    graceMs: 0,
    adopt: null,
  } satisfies Partial<Route>;
}

function sharingOf(job: MirrorJobConfig): Omit<Sharing, 'stands'> {
  const { onDelete, updateExisting: updates, stampNotes: stamps } = job;
  return { onDelete, updates, stamps, isPrivate: privacyOf(job.private) };
}

/** A change of any of it leads to one look at every contact. What is left in notes does not: it comes with the next write. */
function meaningOf({ tenant, hub, onDelete, updateExisting, private: kept }: MirrorJobConfig): object {
  return { version: RULES_VERSION, tenant, hub: hub.mailbox, onDelete, updateExisting, private: kept };
}

function privacyOf({ categories, sensitivity }: PrivateConfig): Sharing['isPrivate'] {
  const names = new Set(categories.map(folded));
  const levels = new Set(sensitivity.map((degree) => LEVELS[degree]));
  return (contact) =>
    levels.has(contact.sensitivity) || contact.categories.some((category) => names.has(folded(category)));
}

function folded(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/** The contact itself, of which every field that is shared is there: one that is cleared travels as well. */
function asShared({ card = {} }: Person): Card {
  return Object.fromEntries(OWNED.map((name) => [name, card[name] ?? emptyOf(name)]));
}
