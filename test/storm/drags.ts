import type { Random } from '../../src/kit/random.ts';
import { notesIn } from '../engine/stamped-village.ts';
import type { Village } from '../engine/village.ts';
import { chance, pick, seededRandom } from '../kit/seeded-random.ts';
import { markOf, type Item } from '../tenant/mailbox/item.ts';
import type { Deeds } from './deeds.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { textIn } from './mirror-notes.ts';
import { addressOf, type Villagers } from './villagers.ts';

const LIKELY = 0.3;

/** People drag contacts between their own Contacts and the folder beside them; and where things stand in the end. */
export class Drags {
  readonly #random: Random;
  readonly #village: Village;
  readonly #deeds: Deeds;
  /** They stand where their owner put them. */
  readonly #dragged = new Set<Item>();
  /** Whose folder held something of their own when it was given up: it is theirs, also when they empty it later. */
  readonly #theirs = new Set<string>();

  readonly #folder: MirrorPlan['folder'];
  /** Whether what others keep is to come into a folder of its own. */
  hasFolder: boolean;

  constructor(
    village: Village,
    deeds: Deeds,
    { seed, folder }: { readonly seed: number; readonly folder: MirrorPlan['folder'] },
  ) {
    this.#folder = folder;
    this.hasFolder = folder === 'always' || folder === 'goes';
    this.#random = seededRandom(seed * 41 + 3);
    this.#village = village;
    this.#deeds = deeds;
  }

  /** Half of the storm is over: an administrator may think better of the folder. True where that is so. */
  choose(villagers: Villagers): boolean {
    if (this.#folder !== 'comes' && this.#folder !== 'goes') return false;
    this.hasFolder = this.#folder === 'comes';
    // What nobody has met before the folder is given up is met or not: it stands in a folder of its owner's from then on.
    for (const owner of this.hasFolder ? [] : this.#village.members)
      for (const item of this.#village.beside(owner)?.items.values() ?? []) {
        const isStrange = markOf(item.content) === undefined;
        if (isStrange || this.#dragged.has(item) || isOwners(item)) this.#theirs.add(owner.id);
        if (isStrange) villagers.known.delete(addressOf(item));
      }
    this.#deeds.note('folder chosen');
    return true;
  }

  /** Into a folder that is given up nobody drags anything: it may be no more than any other by now. */
  maybe(): void {
    if (!chance(this.#random, LIKELY)) return;
    const owner = pick(this.#random, this.#village.members);
    const beside = this.#village.beside(owner);
    const items = this.#village.items(owner);
    if (!beside || items.length === 0) return;
    const item = pick(this.#random, items);
    if (!this.hasFolder && item.folder !== beside) return;
    const there = item.folder === beside ? this.#village.folder(owner) : beside;
    this.#village.tenant.mailboxes.moveContact(owner.id, item, there);
    this.#dragged.add(item);
    this.#deeds.note('contact dragged');
  }

  /** Copies stand where the configuration says, and nothing but what people put there stands anywhere else. */
  faults(villagers: Villagers): string[] {
    const { hasFolder } = this;
    if (this.#folder === 'never') return [];
    return this.#village.members.flatMap((owner) => {
      const beside = this.#village.beside(owner);
      const isHeld = (item: Item): boolean => this.#dragged.has(item) || isOwners(item);
      const wrong = this.#village.items(owner).filter((item) => {
        const known = villagers.of(item);
        if (known === undefined || isHeld(item) || known.lockers.size > 0) return false;
        const isOriginal = known.originals.has(item);
        return (item.folder === beside) !== (hasFolder && !isOriginal);
      });
      const isLeft = !hasFolder && !this.#theirs.has(owner.id) && beside?.items.size === 0;
      return [
        ...wrong.map((item) => `in the wrong folder ${addressOf(item)} ${owner.id}`),
        ...(isLeft ? [`an empty folder is left ${owner.id}`] : []),
      ];
    });
  }

  /** After the job was taken back: a folder in which people keep nothing is gone. */
  leftBehind(): string[] {
    return this.#village.members.flatMap((owner) =>
      this.#village.beside(owner)?.items.size === 0 && !this.#theirs.has(owner.id)
        ? [`an empty folder is left ${owner.id}`]
        : [],
    );
  }
}

/** Its owner has written something of their own into it. */
function isOwners(item: Item): boolean {
  const { categories } = item.content.fields as { readonly categories?: readonly string[] };
  return textIn(notesIn(item)).length > 0 || (categories ?? []).length > 0;
}
