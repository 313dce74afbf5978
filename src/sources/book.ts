import type { NewestEdit } from '../engine/book-port.ts';
import { editOf } from '../engine/contact-keys.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import type { Needs } from '../engine/needs.ts';
import type { Sighting, Source, SourcePage, Urgency } from '../engine/ports.ts';
import { listsOf, textsOf } from '../graph/directory.ts';
import type { Packer } from '../graph/packer.ts';
import { getShared, readShared, standsIn, type SharedContact } from '../graph/shared-contacts.ts';
import type { Clock } from '../kit/clock.ts';
import { tenantOfBook } from '../model/book.ts';
import type { Card, CardField, Fingerprint } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { WITHOUT_ACCOUNT } from '../model/person.ts';
import type { Sharing } from '../model/route.ts';
import { createMailboxAddresses } from './mailbox-addresses.ts';
import { tagIn, type Provenance } from '../model/sync-tag.ts';

export interface BookOptions {
  readonly packer: Pick<Packer, 'call'>;
  readonly ledger: Pick<Ledger, 'book' | 'audits' | 'mailboxes'>;
  readonly clock: Clock;
  /** What the book is called. */
  readonly source: string;
  /** Of a contact no more than these fields is read. */
  readonly fields: readonly CardField[];
  readonly isPrivate: Sharing['isPrivate'];
  /** Each copy is to say where it comes from. */
  readonly stamps: boolean;
  readonly fingerprint: (card: Card) => Fingerprint;
  readonly digest: Needs['digest'];
  /** Is told what was read, and where, before anybody learns what stands there. */
  readonly noteReads?: (reads: readonly BookRead[]) => Promise<void>;
}

export type BookRead = Pick<NewestEdit, 'owner' | 'item' | 'identity'>;

/** An item that cannot be found is asked for again after this: by then it is known what became of it. */
const AGAIN_MS = 30_000;

/**
 * Contacts that mailboxes share, each as its newest edit shows it. Which edits there are is found where they are made: by the
 * audit of the places that share. So nothing is listed here but what the ledger knows.
 */
export function createBook({ stamps, ...rest }: BookOptions): Source {
  const { ledger, source } = rest;
  const options = { ...rest, addressOf: stamps ? createMailboxAddresses(rest) : null };
  return {
    listings: ['users'],
    keepsSilent: false,
    look: async (ids, urgency = 'live') => {
      const newest = new Map(
        (await ledger.book.newest(source, ids)).map((one) => [one.identity, one] as const),
      );
      const reads: BookRead[] = [];
      const resting = await restingAmong(options, [...newest.values()]);
      const reading: Reading = { ...options, resting, wasRead: (one) => void reads.push(one) };
      const looked = await Promise.all(
        ids.map(async (id) => [id, await lookAt(reading, newest.get(id), urgency)] as const),
      );
      if (reads.length > 0) await options.noteReads?.(reads);
      return new Map(looked);
    },
    changedPeople: async function* (token): AsyncGenerator<SourcePage<string>> {
      yield { items: token === null ? await ledger.book.identities(source) : [], token: 'told' };
    },
    changedGroups: async function* () {
      yield { items: [], token: 'told' };
    },
    pictureTags: async (ids) => new Map(ids.map((id) => [id, { kind: 'tag', tag: null }] as const)),
    picture: async () => null,
  };
}

type Reading = Omit<BookOptions, 'stamps'> & {
  readonly addressOf: ReturnType<typeof createMailboxAddresses> | null;
  readonly wasRead: (one: BookRead) => void;
  /** Mailboxes that asked to be left alone, until when. */
  readonly resting: ReadonlyMap<string, number>;
};

async function lookAt(options: Reading, newest: NewestEdit | undefined, urgency: Urgency): Promise<Sighting> {
  // Whoever is in the book no longer was taken out of it.
  if (!newest) return { kind: 'absent', proven: true };
  const { packer, fields, isPrivate, addressOf } = options;
  const { owner, item, identity } = newest;
  const retryAt = options.resting.get(owner);
  if (retryAt !== undefined) {
    const fault = new Fault('throttled', 'the mailbox asked to wait', { retryAt, object: identity });
    return { kind: 'unread', fault };
  }
  try {
    const call = getShared({ mailbox: owner, folder: null, item, priority: urgency }, fields);
    // Side by side: they share a request.
    const [answer, editor] = await Promise.all([packer.call(call), addressOf?.(owner, urgency) ?? null]);
    const contact = readShared(answer, fields);
    options.wasRead(newest);
    // Who takes a contact out of the folder keeps it to themselves.
    const isHere = newest.folder === null || standsIn(contact, newest.folder);
    if (!isHere || isPrivate(contact)) return await doubted(options, newest);
    // Whoever answered does not know the edit yet that somebody else has seen.
    if (contact.modified < newest.editedAt) return { kind: 'unread', fault: notThere(options, newest) };
    await noteTime(options, newest, contact);
    const { card } = contact;
    const nobody = { ...WITHOUT_ACCOUNT, ...textsOf(null), ...listsOf(null) };
    const provenance = editor === null ? {} : { provenance: provenanceOf(contact, editor) };
    return { kind: 'present', person: { id: identity, kind: 'contact', ...nobody, card, ...provenance } };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.kind === 'not-found') return await doubted(options, newest);
    await noteWait(options, owner, error.retryAt);
    return { kind: 'unread', fault: error };
  }
}

/** Also what was asked of a process before this one, or of a write. */
async function restingAmong(
  { ledger, source, clock }: Pick<Reading, 'ledger' | 'source' | 'clock'>,
  newest: readonly NewestEdit[],
): Promise<ReadonlyMap<string, number>> {
  const tenant = tenantOfBook(source);
  if (tenant === null || newest.length === 0) return new Map();
  const owners = [...new Set(newest.map(({ owner }) => owner))];
  return new Map(await ledger.mailboxes.resting(tenant, owners, clock.now()));
}

/** What a mailbox asked of a reading is kept to by whoever writes there, and after a start. */
async function noteWait(
  { ledger, source }: Reading,
  owner: string,
  until: number | undefined,
): Promise<void> {
  const tenant = tenantOfBook(source);
  if (until !== undefined && tenant !== null) await ledger.mailboxes.wait(tenant, [{ owner, until }]);
}

function provenanceOf({ notes, mark }: SharedContact, editor: string): Provenance {
  // One that nobody has marked yet was met a moment ago.
  const isOriginal = mark === null || (mark !== 'foreign' && mark.linked === true);
  return { tag: tagIn(notes ?? ''), isOriginal, editor };
}

/** An edit that is seen here first has its own time: one that is heard of later may be older all the same. */
async function noteTime(options: Reading, newest: NewestEdit, contact: SharedContact): Promise<void> {
  const edit = editOf(options, newest, contact);
  if (edit.editedAt > newest.editedAt) await options.ledger.book.edited(options.source, [edit]);
}

/** Deleted, or private by now, or not known to the replica that answered: a look at its folder tells which. */
async function doubted({ ledger, clock }: Reading, { place, identity }: NewestEdit): Promise<Sighting> {
  // All of it: what was told of before, and read the same then, is not told of again.
  await ledger.audits.ask([place], 'full');
  return { kind: 'unread', fault: notThere({ clock }, { identity }) };
}

function notThere({ clock }: Pick<Reading, 'clock'>, { identity }: Pick<NewestEdit, 'identity'>): Fault {
  return new Fault('unavailable', 'the newest edit of a contact is not where it was', {
    retryAt: clock.now() + AGAIN_MS,
    object: identity,
  });
}
