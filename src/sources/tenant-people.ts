import type {
  GroupDifference,
  GroupKind,
  GroupMember,
  Listing,
  Sighting,
  Source,
  SourcePage,
  Urgency,
} from '../engine/ports.ts';
import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import { Fault } from '../model/fault.ts';
import type { Attribute, Person } from '../model/person.ts';
import type { GraphClient } from '../graph/client.ts';
import { deltaRound } from '../graph/delta.ts';
import {
  getDeletedItem,
  getMailboxPurpose,
  getUser,
  groupsDeltaStart,
  readGroupDelta,
  readMailboxPurpose,
  readPerson,
  readUserDelta,
  usersDeltaStart,
  type GroupDelta,
} from '../graph/directory.ts';
import { contactsDeltaStart, getOrgContact, readOrgContact } from '../graph/org-contacts.ts';
import { getMailGroup, isMailless, mailGroupsDeltaStart, readMailGroup } from '../graph/mail-groups.ts';
import type { Packer } from '../graph/packer.ts';
import { createPersonPictures } from './person-pictures.ts';

export interface TenantPeopleOptions {
  readonly client: GraphClient;
  readonly packer: Packer;
  readonly clock: Clock;
  readonly random: Random;
  /** What the routes want to know of a person. */
  readonly attributes: readonly Attribute[];
  /** Contacts of the organisation are people, too. They are never asked for otherwise. */
  readonly contacts: boolean;
  /** So are groups that have an address. */
  readonly mailGroups: boolean;
}

/** Ids that are known to be no user's, but of another list. In memory only: what is not known here is looked for among the users first. */
type Known = Map<string, Exclude<Listing, 'users'>>;

type Looking = TenantPeopleOptions & { readonly known: Known };

/** The people and groups of one Entra tenant, read through Microsoft Graph. */
export function createTenantPeople(options: TenantPeopleOptions): Source {
  const { attributes, contacts, mailGroups } = options;
  const known: Known = new Map();
  const looking = { ...options, known };
  const starts: Readonly<Record<Listing, (attributes: readonly Attribute[]) => string>> = {
    users: usersDeltaStart,
    contacts: contactsDeltaStart,
    groups: mailGroupsDeltaStart,
  };
  return {
    ...createPersonPictures(options.packer, known),
    listings: [
      'users',
      ...(contacts ? (['contacts'] as const) : []),
      ...(mailGroups ? (['groups'] as const) : []),
    ],
    // A manager is a relation of the directory: of some changes delta says nothing (deploy/cross-tenant.md).
    keepsSilent: attributes.includes('manager'),
    look: async (ids, urgency = 'live') => {
      const sightings = await Promise.all(
        ids.map(async (id) => [id, await lookAt(looking, id, urgency)] as const),
      );
      return new Map(sightings);
    },
    changedPeople: (token, listing) => {
      const pages = round(options, token ?? starts[listing](attributes), (items) => {
        // Most groups have no address: in a full round they are passed by, and whoever had one is missed there.
        const some =
          listing === 'groups' && token === null ? items.filter((item) => !isMailless(item)) : items;
        const ids = some.map((item) => readUserDelta(item).id);
        if (listing !== 'users') for (const id of ids) known.set(id, listing);
        return ids;
      });
      return listing === 'contacts' ? permitted('OrgContact.Read.All', pages) : pages;
    },
    changedGroups: (token, groups, kind) => {
      const pages = round(options, token ?? groupsDeltaStart(groups, kind), (items) =>
        items.map((item) => differenceOf(readGroupDelta(item), kind)),
      );
      return kind === 'unit' ? permitted('AdministrativeUnit.Read.All', pages) : pages;
    },
  };
}

/**
 * Not found may mean deleted, or not replicated to the replica that answered: only the directory's list of deleted
 * objects is proof. Where that may not be read, nothing is proven.
 */
async function lookAt(looking: Looking, id: string, urgency: Urgency): Promise<Sighting> {
  const { packer, attributes, contacts, mailGroups, known } = looking;
  const listing = known.get(id);
  // Contacts are not among the things that can be restored: of one that is gone there is no proof.
  if (listing === 'contacts')
    return (await lookAtOther(looking, id, { listing, urgency })) ?? { kind: 'absent', proven: false };
  try {
    if (listing === undefined) {
      const person = readPerson(await packer.call(getUser(id, attributes, urgency)));
      return { kind: 'present', person: await withPurpose({ packer, attributes }, person) };
    }
  } catch (error) {
    if (!isKind(error, 'not-found')) return unread(error);
  }
  for (const other of [contacts ? 'contacts' : null, mailGroups ? 'groups' : null] as const) {
    if (other === null || (listing !== undefined && listing !== other)) continue;
    const sighting = await lookAtOther(looking, id, { listing: other, urgency });
    if (sighting) return sighting;
  }
  try {
    await packer.call(getDeletedItem(id, urgency));
    return { kind: 'absent', proven: true };
  } catch (error) {
    if (!isKind(error, 'not-found') && !isKind(error, 'forbidden')) return unread(error);
    return { kind: 'absent', proven: false };
  }
}

/** Null where the list has nobody of this id. */
async function lookAtOther(
  { packer, attributes, known }: Looking,
  id: string,
  { listing, urgency }: { readonly listing: Exclude<Listing, 'users'>; readonly urgency: Urgency },
): Promise<Sighting | null> {
  const [get, read] =
    listing === 'contacts' ? [getOrgContact, readOrgContact] : [getMailGroup, readMailGroup];
  try {
    const person = read(await packer.call(get(id, attributes, urgency)));
    known.set(id, listing);
    return { kind: 'present', person };
  } catch (error) {
    return isKind(error, 'not-found') ? null : unread(error);
  }
}

/**
 * Whoever signs in with a licence is a person: only of the others it is asked what their mailbox is for. One that is not
 * there, or that may not be read, has no purpose that we know of.
 */
async function withPurpose(
  { packer, attributes }: Pick<TenantPeopleOptions, 'packer' | 'attributes'>,
  person: Person,
): Promise<Person> {
  const isPerson = person.accountEnabled !== false && person.licences > 0;
  if (isPerson || !attributes.includes('mailboxPurpose')) return person;
  try {
    return { ...person, mailboxPurpose: readMailboxPurpose(await packer.call(getMailboxPurpose(person.id))) };
  } catch (error) {
    if (PURPOSELESS.some((kind) => isKind(error, kind))) return person;
    throw error;
  }
}

const PURPOSELESS = ['mailbox-unavailable', 'not-found', 'forbidden'] as const;

/** One object that cannot be read says nothing about the others. */
function unread(error: unknown): Sighting {
  if (error instanceof Fault) return { kind: 'unread', fault: error };
  throw error;
}

function isKind(error: unknown, kind: Fault['kind']): boolean {
  return error instanceof Fault && error.kind === kind;
}

async function* round<Item>(
  { client, clock, random }: TenantPeopleOptions,
  start: string,
  read: (items: readonly unknown[]) => Item[],
): AsyncGenerator<SourcePage<Item>> {
  for await (const step of deltaRound({ client, start, clock, random, priority: 'low' })) {
    if (step.kind === 'resync') throw resync(step.code);
    yield { items: read(step.items), token: step.kind === 'last' ? step.deltaLink : null };
  }
}

/** What an option asks for takes a permission that not every installation was granted. */
async function* permitted<Page>(permission: string, pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'forbidden') throw error;
    const { status, code } = error;
    throw new Fault('forbidden', `the app needs the permission ${permission}`, {
      cause: error,
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code }),
    });
  }
}

function resync(code: string | undefined): Fault {
  return new Fault('resync', 'the delta token is no longer good', code === undefined ? {} : { code });
}

/** Of an administrative unit the direct members count alone: a group in it brings nobody along. */
function differenceOf(delta: GroupDelta, of: GroupKind): GroupDifference {
  const joined: GroupMember[] = [];
  for (const { id, kind, left } of delta.members) {
    if (left || kind === 'other' || (of === 'unit' && kind === 'group')) continue;
    joined.push({ id, kind });
  }
  return {
    group: delta.id,
    gone: delta.removed !== undefined,
    joined,
    left: delta.members.filter((member) => member.left).map((member) => member.id),
  };
}
