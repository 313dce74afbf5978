import { acquaintanceKinds, type Acquaintance, type MirrorPopulation } from './acquaintances.ts';
import type { Comparison, Divergence } from './expectation.ts';
import { markOf, type Fields, type Folder, type Item } from './mailbox/item.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import { differences, isSame, keyOf, meddledWith } from './shared-fields.ts';
import type { Tenant } from './tenant.ts';

/** A contact that everybody who takes part should have once. */
export interface Shared {
  /** What it is called in a comparison. */
  readonly name: string;
  /** As the newest edit has left it. */
  fields: Fields;
  /** Mailboxes in which it should not stand. */
  readonly without: Set<string>;
}

/** What is nobody else's business, or what nobody can tell from another: it stays where it is, and as it is. */
interface Alone {
  readonly owner: string;
  readonly fields: Fields;
  readonly folder: Folder;
}

/** One contact bears the addresses of two others: whichever is met first is shared, and the rest is left alone. */
interface Rivals {
  readonly both: Acquaintance['holdings'][number];
  readonly each: Acquaintance['holdings'];
}

export interface MirrorJob {
  readonly id: string;
  /** Of the hub. */
  readonly folder: string;
}

/**
 * What people did in their mailboxes, done through this, and what each mailbox should hold for it. It knows what people
 * know, and none of the product's code.
 */
export class Acquaintanceship {
  readonly #tenant: Tenant;
  readonly #population: MirrorPopulation;
  readonly #job: MirrorJob;
  readonly #shared = new Set<Shared>();
  readonly #alone = new Map<Item, Alone>();
  readonly #rivals: Rivals[] = [];
  #count = 0;
  /** Whom an item stands for: as its owner wrote it, or as it was once seen to read. */
  readonly #standing = new Map<Item, Shared>();
  /** What their owners wrote, with what is theirs alone. */
  readonly #written = new Map<Item, Fields>();

  constructor(tenant: Tenant, population: MirrorPopulation, job: MirrorJob) {
    this.#tenant = tenant;
    this.#population = population;
    this.#job = job;
    for (const one of population.acquaintances) this.#understand(one);
  }

  /** Those that one member alone wrote down, in their order. */
  own(member: string): { readonly shared: Shared; readonly item: Item }[] {
    const held = this.#population.acquaintances
      .filter(({ kind }) => kind === 'own')
      .flatMap(({ holdings }) => holdings);
    return held
      .filter(({ owner }) => owner === member)
      .flatMap(({ item }) => {
        const shared = this.#standing.get(item);
        return shared ? [{ shared, item }] : [];
      });
  }

  /** Somebody edits the contact in their mailbox. */
  edit(owner: string, shared: Shared, fields: Fields): void {
    const [item] = this.#itemsOf(owner, shared);
    if (!item) throw new Error('There is nothing to edit.');
    this.#tenant.mailboxes.editContact(owner, item, fields);
    shared.fields = item.content.fields;
    if (this.#written.has(item)) this.#written.set(item, item.content.fields);
  }

  /** Somebody writes down a new one. */
  add(owner: string, fields: Fields): void {
    const item = this.#tenant.mailboxes.addContact(owner, fields);
    this.#share([{ owner, item }], []);
  }

  /** Somebody deletes it in their mailbox: the others keep it. */
  drop(owner: string, shared: Shared): void {
    for (const item of this.#itemsOf(owner, shared)) this.#tenant.mailboxes.deleteContact(owner, item);
    shared.without.add(owner);
  }

  /** Who wrote it first takes it to themselves. */
  lock(owner: string, item: Item): void {
    this.#tenant.mailboxes.setSensitivity(owner, item, 'private');
    const shared = this.#standing.get(item);
    if (shared) this.#shared.delete(shared);
    this.#leave({ owner, item });
  }

  compare(): Comparison {
    this.#settle();
    const found = { divergences: [] as Divergence[], duplicates: 0, touched: 0, contacts: 0 };
    const byKey = new Map([...this.#shared].map((shared) => [keyOf(shared.fields), shared]));
    for (const { id } of [...this.#population.members, this.#population.hub]) {
      const mailbox = this.#tenant.mailboxes.get(id);
      const diverges = (kind: Divergence['kind'], source: string, fields: readonly string[] = []): void =>
        void found.divergences.push({ kind, mailbox: id, source, fields });
      const standing = new Map<Shared, Item[]>();
      const items = new Set(mailbox.items());
      for (const item of items) {
        if (this.#alone.has(item)) continue;
        const shared = this.#standing.get(item) ?? byKey.get(keyOf(item.content.fields));
        const isWanted = shared !== undefined && this.#shared.has(shared) && !shared.without.has(id);
        if (!isWanted || item.folder !== this.#folderOf(mailbox)) diverges('extra', item.key);
        else standing.set(shared, [...(standing.get(shared) ?? []), item]);
      }
      for (const shared of this.#shared) {
        const copies = standing.get(shared) ?? [];
        if (copies.length === 0 && !shared.without.has(id)) diverges('missing', shared.name);
        found.contacts += copies.length;
        found.duplicates += Math.max(0, copies.length - 1);
        for (const item of copies) {
          this.#standing.set(item, shared);
          const fields = differences(shared.fields, item);
          const owned = this.#meddled(item);
          // Without it a ledger that is lost would meet the contact anew.
          const mark = this.#isMarked(item) ? [] : ['mark'];
          const wrong = [...fields, ...owned, ...mark];
          if (wrong.length > 0) diverges('fields', shared.name, wrong);
          if (this.#written.has(item)) found.touched += owned.length;
        }
      }
      for (const [item, alone] of this.#alone) {
        if (alone.owner !== id) continue;
        const isAsItWas = items.has(item) && item.folder === alone.folder && isSame(item, alone.fields);
        if (!isAsItWas) found.touched += 1;
        if (!isAsItWas || this.#isMarked(item)) diverges('fields', item.key, ['left alone']);
      }
    }
    const { divergences, duplicates, touched, contacts } = found;
    const noted = this.#tenant.oracles.count('foreign-touched');
    return { divergences, duplicates, contacts, foreignTouched: touched + noted };
  }

  #understand({ kind, holdings }: Acquaintance): void {
    const [one, again, other] = holdings;
    if (acquaintanceKinds[kind] === 'one') this.#share(holdings, []);
    else if (acquaintanceKinds[kind] === 'apart') for (const each of holdings) this.#share([each], []);
    else if (acquaintanceKinds[kind] === 'private') for (const each of holdings) this.#leave(each);
    else if (!one || !again || !other) throw new Error(`What is ambiguous about ${kind}?`);
    else if (kind === 'two in one') this.#rivals.push({ both: one, each: [again, other] });
    else {
      // Nobody can tell which of the two the other member's is.
      this.#leave(one);
      this.#leave(again);
      this.#share([other], [one.owner]);
    }
  }

  /** One contact, as whoever wrote last wrote it. */
  #share(holdings: Acquaintance['holdings'], without: readonly string[]): void {
    const [newest] = holdings.toSorted((a, b) => (b.item.editedAt ?? 0) - (a.item.editedAt ?? 0));
    if (!newest) return;
    const shared = {
      name: `contact ${(this.#count += 1)}`,
      fields: newest.item.content.fields,
      without: new Set(without),
    };
    this.#shared.add(shared);
    for (const { item } of holdings) {
      this.#standing.set(item, shared);
      this.#written.set(item, item.content.fields);
    }
  }

  #leave({ owner, item }: Acquaintance['holdings'][number]): void {
    this.#standing.delete(item);
    this.#alone.set(item, { owner, fields: item.content.fields, folder: item.folder });
  }

  /** Which of rivals was met first shows in the hub. */
  #settle(): void {
    const hub = this.#tenant.mailboxes.get(this.#population.hub.id);
    const there = new Set(Array.from(hub.items(), ({ content }) => keyOf(content.fields)));
    for (const rivals of this.#rivals.splice(0)) {
      const { both, each } = rivals;
      const [first] = each;
      const isThere = ({ item }: Acquaintance['holdings'][number]): boolean =>
        there.has(keyOf(item.content.fields));
      if (isThere(both)) {
        this.#share([both], first ? [first.owner] : []);
        for (const one of each) this.#leave(one);
      } else if (each.some(isThere)) {
        for (const one of each) this.#share([one], [both.owner]);
        this.#leave(both);
      } else this.#rivals.push(rivals);
    }
  }

  #itemsOf(owner: string, shared: Shared): Item[] {
    const folder = this.#folderOf(this.#tenant.mailboxes.get(owner));
    return [...(folder?.items.values() ?? [])].filter((item) => this.#standing.get(item) === shared);
  }

  #folderOf(mailbox: Mailbox): Folder | undefined {
    const isHub = mailbox.userId === this.#population.hub.id;
    return isHub ? mailbox.folderNamed(this.#job.folder) : mailbox.contacts;
  }

  /** What is its owner's in a contact, and does not read as they wrote it. */
  #meddled(item: Item): string[] {
    const written = this.#written.get(item) ?? {};
    return meddledWith(written, item);
  }

  #isMarked({ content }: Item): boolean {
    return markOf(content)?.includes(`/${this.#job.id}/`) === true;
  }
}
