import type { Village } from '../engine/village.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Fields, Item } from '../tenant/mailbox/item.ts';
import { differences } from '../tenant/shared-fields.ts';
import type { Deeds } from './deeds.ts';

/** What is known of a contact from what people did. */
export interface Acquaintance {
  readonly address: string;
  /** The items of those who wrote it down themselves, with whose they are. */
  readonly originals: Map<Item, string>;
  /** As its newest edit left it; undefined: the item in which that was made is gone, perhaps before anybody saw it. */
  fields: Fields | undefined;
  /**
   * What it may show as well: an edit that was taken back, or that got a note, before anybody saw it, cannot be told from none, or
   * from a later one.
   */
  or: readonly Fields[];
  /** In whose mailbox that was. */
  editor: string;
  /** The edit that was taken back last, while nothing newer was written. */
  takenBack?: Fields | undefined;
  readonly deleters: Set<string>;
  /** Who keeps to themselves what they have of it. */
  readonly lockers: Set<string>;
  /** The one who wrote it down took it to themselves. */
  isWithdrawn: boolean;
}

/** An edit that its item still shows, as far as people know. */
interface Standing {
  readonly from: Fields;
  readonly to: Fields;
  /** What the contact might have shown without it. */
  readonly otherwise: readonly Fields[];
}

/** What people do with contacts that they share, and what they know for it. Knows none of the product's code. */
export class Villagers {
  readonly known = new Map<string, Acquaintance>();
  /** Addresses that were private from the first. */
  readonly secrets = new Set<string>();
  /** What owners have written into items, with what is theirs alone. */
  readonly written = new Map<Item, Fields>();
  readonly #standing = new Map<Item, Standing>();
  readonly village: Village;
  readonly #deeds: Deeds;
  #made = 0;

  constructor(village: Village, deeds: Deeds) {
    this.village = village;
    this.#deeds = deeds;
  }

  add(owner: User): Acquaintance {
    const item = this.#write(owner, `acquaintance.${(this.#made += 1)}@fabrikam.example`);
    const { fields } = item.content;
    const acquaintance: Acquaintance = {
      address: addressOf(item),
      originals: new Map([[item, owner.id]]),
      fields,
      or: [],
      editor: owner.id,
      deleters: new Set(),
      lockers: new Set(),
      isWithdrawn: false,
    };
    this.known.set(acquaintance.address, acquaintance);
    this.#deeds.note('own contact added');
    return acquaintance;
  }

  /** Somebody else has the same contact, and wrote it down later. */
  addAgain(owner: User, known: Acquaintance): void {
    const item = this.#write(owner, known.address, { jobTitle: 'as others know it' });
    known.originals.set(item, owner.id);
    Object.assign(known, { fields: item.content.fields, editor: owner.id });
    this.#deeds.note('contact met');
  }

  addSecret(owner: User, how: 'category' | 'lock'): void {
    const extra = how === 'category' ? { categories: ['private'] } : {};
    const item = this.#write(owner, `secret.${(this.#made += 1)}@fabrikam.example`, extra);
    if (how === 'lock') this.village.tenant.mailboxes.setSensitivity(owner.id, item, 'confidential');
    this.secrets.add(addressOf(item));
    this.#deeds.note('private contact added');
  }

  edit(owner: User, item: Item, fields: Fields): void {
    const from = item.content.fields;
    this.village.edit(owner, item, fields);
    const to = item.content.fields;
    this.written.set(item, to);
    const known = this.of(item);
    if (differences(from, item).length === 0) return this.touched(item, from);
    this.#deeds.note(Object.values(fields).some(isCleared) ? 'field cleared' : 'contact edited');
    // Whoever keeps a contact to themselves tells nobody of their edits.
    if (!known || known.lockers.has(owner.id)) return;
    this.#standing.set(item, { from, to, otherwise: [...(known.fields ? [known.fields] : []), ...known.or] });
    Object.assign(known, { fields: to, or: [], editor: owner.id, takenBack: undefined });
  }

  /** The last edit of this item is taken back, where it still shows. */
  undo(owner: User, item: Item): void {
    const edit = this.#standing.get(item);
    const known = this.of(item);
    if (!edit || !known?.fields || differences(edit.to, item).length > 0) return;
    const { from, otherwise } = edit;
    const isNewest = differences(known.fields, item).length === 0;
    // Notes are no part of an edit: what was written into them since stays.
    const names = new Set([...Object.keys(from), ...Object.keys(item.content.fields)]);
    names.delete('personalNotes');
    this.village.edit(owner, item, Object.fromEntries([...names].map((name) => [name, from[name] ?? null])));
    this.written.set(item, item.content.fields);
    this.#standing.delete(item);
    const or = isNewest ? otherwise : [known.fields, ...known.or];
    Object.assign(known, { fields: item.content.fields, or, editor: owner.id, takenBack: edit.to });
    this.#deeds.note('edit taken back');
  }

  note(owner: User, item: Item, { categories, ...fields }: Fields): void {
    const from = item.content.fields;
    // Whoever takes the category off a secret tells it.
    const isSecret = this.secrets.has(addressOf(item));
    this.village.edit(owner, item, isSecret || categories === undefined ? fields : { categories, ...fields });
    this.written.set(item, item.content.fields);
    this.touched(item, from);
    this.#deeds.note('note written');
  }

  delete(owner: User, item: Item): void {
    const known = this.of(item);
    this.village.tenant.mailboxes.deleteContact(owner.id, item);
    this.#deeds.note('contact deleted');
    if (!known) return;
    // That it was locked before, perhaps nobody has seen: it may count as deleted or as withdrawn.
    if (known.lockers.has(owner.id)) this.known.delete(known.address);
    known.deleters.add(owner.id);
    known.originals.delete(item);
    if (known.editor === owner.id) known.fields = undefined;
    const isGone = this.village.all().every((one) => this.standing(one, known.address).length === 0);
    if (isGone) this.known.delete(known.address);
  }

  lock(owner: User, item: Item): void {
    this.village.tenant.mailboxes.setSensitivity(owner.id, item, 'private');
    const known = this.of(item);
    known?.lockers.add(owner.id);
    if (known?.originals.has(item)) known.isWithdrawn = true;
    // What was written there a moment before may be private before anybody has seen it.
    if (known?.editor === owner.id) known.fields = undefined;
    this.#deeds.note('contact locked');
  }

  /**
   * The ledger is gone. A copy in which an edit was taken back reads like what was written there before: where the edit still shows
   * elsewhere, it may be taken for the newest.
   */
  ledgerLost(): void {
    // What the ledger was told is lost with it.
    for (const mailbox of this.village.tenant.mailboxes.all()) mailbox.told = { notBefore: 0, at: 0 };
    for (const known of this.known.values()) {
      const { takenBack, address } = known;
      if (takenBack === undefined) continue;
      const shown = this.village.all().flatMap((owner) => this.standing(owner, address));
      if (shown.some((item) => differences(takenBack, item).length === 0))
        known.or = [...known.or, takenBack];
    }
  }

  of(item: Item): Acquaintance | undefined {
    return this.known.get(addressOf(item));
  }

  /** What a mailbox has under this address, where it shares. */
  standing(owner: User, address: string): Item[] {
    return this.village.items(owner).filter((item) => addressOf(item) === address);
  }

  /** The time of an edit that stands here and is not the newest grew: it may be taken for the newest if nobody saw it before. */
  touched(item: Item, from: Fields = item.content.fields): void {
    const edit = this.#standing.get(item);
    const known = this.of(item);
    if (!edit || !known?.fields) return;
    const isShown = differences(edit.to, item).length === 0;
    if (isShown && differences(known.fields, item).length > 0) known.or = [...known.or, from];
  }

  #write(owner: User, address: string, fields: Fields = {}): Item {
    const name = address.slice(0, address.indexOf('@'));
    const item = this.village.add(owner, {
      displayName: name,
      emailAddresses: [{ name, address }],
      personalNotes: `what ${owner.id} knows`,
      ...fields,
    });
    this.written.set(item, item.content.fields);
    return item;
  }
}

function isCleared(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

export function addressOf({ content }: Item): string {
  const [first] = (content.fields['emailAddresses'] ?? []) as readonly { readonly address: string }[];
  return first?.address ?? '';
}
