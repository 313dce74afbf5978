import type { GroupDifference, GroupMember, Sighting, Source, SourcePage } from '../engine/ports.ts';
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
import type { Packer } from '../graph/packer.ts';

export interface TenantPeopleOptions {
  readonly client: GraphClient;
  readonly packer: Packer;
  readonly clock: Clock;
  readonly random: Random;
  /** What the routes want to know of a person. */
  readonly attributes: readonly Attribute[];
}

/** The people and groups of one Entra tenant, read through Microsoft Graph. */
export function createTenantPeople(options: TenantPeopleOptions): Source {
  const { attributes } = options;
  return {
    look: async (ids) => {
      const sightings = await Promise.all(ids.map(async (id) => [id, await lookAt(options, id)] as const));
      return new Map(sightings);
    },
    changedPeople: (token) =>
      round(options, token ?? usersDeltaStart(attributes), (items) =>
        items.map((item) => readUserDelta(item).id),
      ),
    changedGroups: (token, groups) =>
      round(options, token ?? groupsDeltaStart(groups), (items) =>
        items.map((item) => differenceOf(readGroupDelta(item))),
      ),
  };
}

/**
 * Not found may mean deleted, or not replicated to the replica that answered: only the directory's list of deleted
 * objects is proof. Where that may not be read, nothing is proven.
 */
async function lookAt({ packer, attributes }: TenantPeopleOptions, id: string): Promise<Sighting> {
  try {
    const person = readPerson(await packer.call(getUser(id, attributes)));
    return { kind: 'present', person: await withPurpose({ packer, attributes }, person) };
  } catch (error) {
    if (!isKind(error, 'not-found')) return unread(error);
  }
  try {
    await packer.call(getDeletedItem(id));
    return { kind: 'absent', proven: true };
  } catch (error) {
    if (!isKind(error, 'not-found') && !isKind(error, 'forbidden')) return unread(error);
    return { kind: 'absent', proven: false };
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

function resync(code: string | undefined): Fault {
  return new Fault('resync', 'the delta token is no longer good', code === undefined ? {} : { code });
}

function differenceOf(delta: GroupDelta): GroupDifference {
  const joined: GroupMember[] = [];
  for (const { id, kind, left } of delta.members) if (!left && kind !== 'other') joined.push({ id, kind });
  return {
    group: delta.id,
    gone: delta.removed !== undefined,
    joined,
    left: delta.members.filter((member) => member.left).map((member) => member.id),
  };
}
