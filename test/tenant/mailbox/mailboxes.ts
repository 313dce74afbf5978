import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { Directory } from '../directory/directory.ts';
import type { FaultDice } from '../faults.ts';
import { Refusal } from '../http/call.ts';
import type { Ceilings } from '../http/ceilings.ts';
import { Mailbox, type MailboxSwitches } from './mailbox.ts';
import {
  propertyId,
  sensitivityProperty,
  withoutMarks,
  type Content,
  type Extension,
  type Fields,
  type Folder,
  type Item,
} from './item.ts';
import { SharedContent } from './shared-content.ts';

export type MailboxState = 'ok' | 'none' | 'on-premises' | 'out-of-scope' | 'alternating';

export type UserPurpose = 'user' | 'linked' | 'shared' | 'room' | 'equipment' | 'others';

/** Outlook's words for MAPI's numbers. */
const SENSITIVITY = { normal: '0', personal: '1', private: '2', confidential: '3' };

interface MailboxesOptions extends MailboxSwitches {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly dice: FaultDice;
  readonly provisioningMs: number;
  readonly ceilings: Ceilings;
  readonly copyKeepsMarks: boolean;
}

/** All mailboxes, their states, and what their owners do in them. */
export class Mailboxes {
  readonly #options: MailboxesOptions;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #states = new Map<string, MailboxState>();
  readonly #purposes = new Map<string, UserPurpose>();
  readonly #readyAt = new Map<string, number>();
  readonly #shared = new SharedContent();
  #alternations = 0;

  constructor(options: MailboxesOptions) {
    this.#options = options;
  }

  /** The mailbox of a person, made on first use. Says nothing about whether a client may use it. */
  get(userId: string): Mailbox {
    let mailbox = this.#mailboxes.get(userId);
    if (mailbox === undefined) {
      if (!this.#options.directory.users.has(userId)) throw new Error(`No user ${userId}`);
      mailbox = new Mailbox({ ...this.#options, userId, shared: this.#shared });
      this.#mailboxes.set(userId, mailbox);
    }
    return mailbox;
  }

  /** As of when a read of this mailbox is answered; null: as it is. */
  behind({ journal }: Mailbox): number | null {
    const { clock, dice, mailboxStaleMs } = this.#options;
    const now = clock.now();
    if (!journal.changedSince(now - mailboxStaleMs) || !dice.draws('staleRead')) return null;
    const at = now - 1 - dice.upTo(mailboxStaleMs - 1);
    if (!journal.changedSince(at)) return null;
    dice.count('staleRead');
    return at;
  }

  /** Those that somebody has used. */
  all(): Iterable<Mailbox> {
    return this.#mailboxes.values();
  }

  setState(userId: string, state: MailboxState): void {
    this.#states.set(userId, state);
  }

  /** What a mailbox is for; `user` unless set (learn.microsoft.com/graph/api/resources/mailboxsettings). */
  setPurpose(userId: string, purpose: UserPurpose): void {
    this.#purposes.set(userId, purpose);
  }

  purpose(userId: string): UserPurpose {
    return this.#purposes.get(userId) ?? 'user';
  }

  /** `ok` or why not: by decree, else by licence. */
  state(userId: string): MailboxState {
    const user = this.#options.directory.user(userId);
    if (user === undefined || user.userType === 'Guest') return 'none';
    // Only people need a licence (learn.microsoft.com/microsoft-365/admin/email/about-shared-mailboxes).
    if (user.assignedLicenses.length === 0 && this.purpose(userId) === 'user') return 'none';
    if (this.#options.clock.now() < (this.#readyAt.get(userId) ?? 0)) return 'none';
    return this.#states.get(userId) ?? 'ok';
  }

  /** A licence was given: the mailbox comes after a while. */
  licensed(userId: string): void {
    if (this.#options.provisioningMs === 0) return;
    this.#readyAt.set(userId, this.#options.clock.now() + this.#options.provisioningMs);
  }

  /** The mailbox, or the refusal that Outlook gives in its place (seen in live answers). */
  demand(userId: string): Mailbox {
    const id = userId.toLowerCase();
    if (this.#options.directory.user(id) === undefined) throw undiscovered();
    const state = this.state(id);
    if (state === 'ok') return this.get(id);
    if (state === 'out-of-scope') throw new Refusal(403, 'ErrorAccessDenied', 'Access to OData is disabled.');
    if (state === 'alternating' && (this.#alternations += 1) % 2 === 0) throw undiscovered();
    throw new Refusal(404, 'MailboxNotEnabledForRESTAPI', 'REST API is not yet supported for this mailbox.');
  }

  /** The owner writes a contact of their own, into the default folder unless told otherwise. */
  addContact(userId: string, fields: Fields, folder?: Folder): Item {
    const mailbox = this.get(userId);
    const content: Content = { fields: filled(fields), extensions: [], properties: [] };
    return mailbox.createItem(folder ?? mailbox.contacts, content, 'user');
  }

  /** Another program takes a contact for its own. */
  extendContact(userId: string, item: Item, extension: Extension): void {
    this.get(userId).changeItem(item, { extensions: [...item.content.extensions, extension] });
  }

  /** The owner edits a contact, anybody's. Null clears a field. */
  editContact(userId: string, item: Item, fields: Fields): void {
    this.#edit(userId, item, { fields: filled({ ...item.content.fields, ...fields }) });
  }

  setCategories(userId: string, item: Item, categories: readonly string[]): void {
    this.editContact(userId, item, { categories: categories.length === 0 ? null : categories });
  }

  /** What Outlook's lock does; Graph has no field for it. */
  setSensitivity(userId: string, item: Item, sensitivity: keyof typeof SENSITIVITY): void {
    const others = item.content.properties.filter(({ id }) => id !== sensitivityProperty);
    const own = { id: sensitivityProperty, value: SENSITIVITY[sensitivity] };
    this.#edit(userId, item, { properties: [...others, own] });
  }

  #edit(userId: string, item: Item, content: Partial<Content>): void {
    const mailbox = this.get(userId);
    mailbox.changeItem(item, content);
    item.editedAt = item.modifiedAt;
  }

  deleteContact(userId: string, item: Item): void {
    this.get(userId).removeItem(item, false);
  }

  /** A copy carries the marks along, or does not: clients are not known to agree. */
  copyContact(userId: string, item: Item, folder: Folder = item.folder): Item {
    const marks = this.#options.copyKeepsMarks ? {} : withoutMarks(item.content);
    return this.get(userId).createItem(folder, { ...item.content, ...marks }, 'user');
  }

  moveContact(userId: string, item: Item, folder: Folder): void {
    item.by = 'user';
    this.get(userId).moveItem(item, folder);
  }

  /** Takes the marks off, as some clients do when they save a contact anew. */
  stripMarks(userId: string, item: Item): void {
    item.by = 'user';
    this.get(userId).changeItem(item, withoutMarks(item.content));
  }

  addFolder(userId: string, name: string): Folder {
    return this.get(userId).createFolder(name);
  }

  renameFolder(_userId: string, folder: Folder, name: string): void {
    folder.name = name;
  }

  deleteFolder(userId: string, folder: Folder): void {
    this.get(userId).removeFolder(folder, false);
  }

  /** A single-value extended property of a folder, by its id as a client spells it. */
  folderProperty(folder: Folder, id: string): string | undefined {
    return folder.properties.find((property) => property.id === propertyId(id))?.value;
  }
}

function undiscovered(): Refusal {
  return new Refusal(404, 'ResourceNotFound', 'Resource could not be discovered.');
}

/** Only what is set: a stored contact has no nulls. */
function filled(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
