import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import { CallWindow } from '../http/call-window.ts';
import type { Ceilings } from '../http/ceilings.ts';
import type { Switches } from '../options.ts';
import { ItemIds, mayHold, names } from './item-ids.ts';
import { markValue, type Content, type Folder, type Item, type Property } from './item.ts';
import { Journal } from './journal.ts';
import type { SharedContent } from './shared-content.ts';

/** What became of a contact outside of Deleted Items. */
export interface ContactChange {
  readonly changeType: 'created' | 'updated' | 'deleted';
  readonly mailbox: Mailbox;
  /** As it is, and where; as it was, for one that is deleted. Not to be kept: it moves on. */
  readonly item: Item;
  /** It went to another folder, or to Deleted Items. */
  readonly elsewhere: boolean;
}

export interface MailboxSwitches extends Pick<
  Switches,
  'mailboxStaleMs' | 'marksTouchContact' | 'moveTouchesContact' | 'plainSensitivity' | 'wellKnownContacts'
> {
  readonly onContactChange: (change: ContactChange) => void;
}

interface MailboxOptions extends MailboxSwitches {
  readonly userId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly shared: SharedContent;
  readonly ceilings: Pick<Ceilings, 'mailbox' | 'upload'>;
}

/** What other well-known folders are called by; that contacts have such a name is not documented. */
const WELL_KNOWN = 'contacts';

/** Folders and contacts of one mailbox, and how busy it is. Knows nothing of HTTP, and nothing of who may do what. */
export class Mailbox {
  readonly userId: string;
  readonly ids: ItemIds;
  /** The default folder, which no listing shows. */
  readonly contacts: Folder;
  readonly deletedItems: Folder;
  /** What Contacts itself lies in. */
  readonly root: Folder;
  /** All other folders, in the order of creation. */
  readonly folders = new Map<string, Folder>();
  readonly window: CallWindow;
  /** Bytes written to it. */
  readonly upload: CallWindow;
  inFlight = 0;
  /** Refused until then, in milliseconds since 1970. */
  throttledUntil = 0;
  /** The latest time that a Retry-After named, and when that was said. */
  told = { notBefore: 0, at: 0 };
  /** What a replica that is behind may still show. */
  readonly journal: Journal;
  readonly #byMark = new Map<string, Item[]>();
  readonly #options: MailboxOptions;
  /** Counts every change of an item. */
  changes = 0;
  /** How often the mailbox lost its delta tokens: they lie in a cache of limited size (learn.microsoft.com/graph/delta-query-overview). */
  forgotten = 0;

  constructor(options: MailboxOptions) {
    this.#options = options;
    this.userId = options.userId;
    this.journal = new Journal(options.mailboxStaleMs);
    this.window = new CallWindow(options.ceilings.mailbox);
    this.upload = new CallWindow(options.ceilings.upload);
    this.ids = new ItemIds(options.random);
    this.contacts = this.#newFolder('Contacts', undefined);
    // Never addressed, so that its id need not be drawn.
    this.root = { ...this.contacts, id: `root-${this.contacts.id}`, name: 'Top of Information Store' };
    this.deletedItems = this.#newFolder('Deleted Items', undefined);
  }

  folder(id: string): Folder | undefined {
    if (id === this.contacts.id) return this.contacts;
    if (id === WELL_KNOWN && this.#options.wellKnownContacts === 'known') return this.contacts;
    return this.folders.get(id);
  }

  /** Whether a contact that nobody ever marked private says so. */
  get plainSensitivity(): MailboxOptions['plainSensitivity'] {
    return this.#options.plainSensitivity;
  }

  /** By name, without case, as Exchange compares; the oldest when there are several. */
  folderNamed(name: string): Folder | undefined {
    return [...this.folders.values()].find((folder) => folder.name.toLowerCase() === name.toLowerCase());
  }

  createFolder(name: string, parent: Folder = this.contacts, properties: readonly Property[] = []): Folder {
    const folder = this.#newFolder(name, parent);
    folder.properties = properties;
    this.folders.set(folder.id, folder);
    return folder;
  }

  /** With all that is in it; `permanently` past Deleted Items. */
  removeFolder(folder: Folder, permanently: boolean): void {
    for (const child of this.folders.values())
      if (child.parent === folder) this.removeFolder(child, permanently);
    for (const item of folder.items.values()) this.removeItem(item, permanently);
    this.folders.delete(folder.id);
  }

  createItem(folder: Folder, content: Content, by: Item['by']): Item {
    const at = this.#options.clock.now();
    const item: Item = {
      key: this.ids.newKey(),
      born: folder.part,
      folder,
      generation: 1,
      content: this.#options.shared.keep(content),
      changeKey: this.changes + 1,
      createdAt: at,
      modifiedAt: at,
      editedAt: by === 'user' ? at : undefined,
      by,
    };
    this.#note(item.key, null);
    this.changes += 1;
    folder.items.set(item.key, item);
    this.#index(item);
    this.#tell('created', item);
    return item;
  }

  changeItem(item: Item, content: Partial<Content>): void {
    this.#note(item.key, item);
    this.#unindex(item);
    item.content = this.#options.shared.keep({ ...item.content, ...content });
    item.changeKey = this.changes += 1;
    item.modifiedAt = this.#options.clock.now();
    this.#index(item);
    this.#tell('updated', item);
  }

  /** Marks and nothing else: whether that counts as a change of the contact is not documented. */
  changeMarks(item: Item, marks: Partial<Pick<Content, 'extensions' | 'properties'>>): void {
    if (this.#options.marksTouchContact) return this.changeItem(item, marks);
    this.#note(item.key, item);
    this.#unindex(item);
    item.content = this.#options.shared.keep({ ...item.content, ...marks });
    this.#index(item);
  }

  /** A picture that leaves the change key as it is. */
  setPhoto(item: Item, photo: Uint8Array): void {
    item.content = { ...item.content, photo };
  }

  removeItem(item: Item, permanently: boolean): void {
    if (!permanently) return this.moveItem(item, this.deletedItems);
    this.#note(item.key, item);
    this.#unindex(item);
    this.#takeOut(item, false);
  }

  moveItem(item: Item, folder: Folder): void {
    this.#note(item.key, item);
    this.#unindex(item);
    this.#takeOut(item, true);
    item.folder = folder;
    item.generation += 1;
    item.changeKey = this.changes;
    if (this.#options.moveTouchesContact) item.modifiedAt = this.#options.clock.now();
    folder.items.set(item.key, item);
    this.#index(item);
    this.#tell('created', item);
  }

  /** The same as `item`, as it was at that time. */
  itemAt(id: string, folder: Folder | undefined, at: number): Item | 'malformed' | undefined {
    const parsed = this.ids.parse(id);
    if (parsed === undefined) return 'malformed';
    const found = this.journal.itemAt(parsed, at);
    if (found === 'same') return this.item(id, folder);
    const isThere = found !== null && found.folder !== this.deletedItems;
    return isThere && (folder === undefined || found.folder === folder) ? found : undefined;
  }

  /** The item that an id of either kind names, in one folder or in any. */
  item(id: string, folder?: Folder): Item | 'malformed' | undefined {
    const parsed = this.ids.parse(id);
    if (parsed === undefined) return 'malformed';
    for (const place of folder === undefined ? [this.contacts, ...this.folders.values()] : [folder]) {
      const item = mayHold(parsed, place) ? place.items.get(parsed.key) : undefined;
      if (item !== undefined && names(parsed, item)) return item;
    }
    return undefined;
  }

  /** Items outside of Deleted Items whose findable mark has this value; compared without case. */
  marked(value: string): readonly Item[] {
    return this.#byMark.get(value.toLowerCase()) ?? [];
  }

  /** Every item outside of Deleted Items. */
  *items(): Generator<Item> {
    yield* this.contacts.items.values();
    for (const folder of this.folders.values()) yield* folder.items.values();
  }

  #note(key: string, was: Item | null): void {
    this.journal.note({ at: this.#options.clock.now(), changes: this.changes, key, was });
  }

  #takeOut(item: Item, elsewhere: boolean): void {
    this.#tell('deleted', item, elsewhere);
    item.folder.items.delete(item.key);
    this.changes += 1;
    if (item.folder !== this.deletedItems) item.folder.removed.push({ at: this.changes, item: { ...item } });
  }

  #tell(changeType: ContactChange['changeType'], item: Item, elsewhere = false): void {
    if (item.folder === this.deletedItems) return;
    this.#options.onContactChange({ changeType, mailbox: this, item, elsewhere });
  }

  #newFolder(name: string, parent: Folder | undefined): Folder {
    return { ...this.ids.newFolder(), name, parent, properties: [], items: new Map(), removed: [] };
  }

  #index(item: Item): void {
    const value = item.folder === this.deletedItems ? undefined : markValue(item.content)?.toLowerCase();
    if (value === undefined) return;
    const known = this.#byMark.get(value);
    if (known === undefined) this.#byMark.set(value, [item]);
    else known.push(item);
  }

  #unindex(item: Item): void {
    const value = markValue(item.content)?.toLowerCase();
    if (value === undefined) return;
    const rest = this.#byMark.get(value)?.filter((other) => other !== item) ?? [];
    if (rest.length === 0) this.#byMark.delete(value);
    else this.#byMark.set(value, rest);
  }
}
