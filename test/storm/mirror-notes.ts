import { chance, pick, seededRandom } from '../kit/seeded-random.ts';
import type { Random } from '../../src/kit/random.ts';
import { notesIn, notesOf } from '../engine/stamped-village.ts';
import type { Village } from '../engine/village.ts';
import type { Villagers } from './villagers.ts';
import type { Fields, Item } from '../tenant/mailbox/item.ts';

const TAG = /SyncId=[0-9a-f-]{36}(?:;\w+=[^;\s]+)*/g;

/** What owners write about their contacts while the tag of other tools is left there, and whether any of it is lost or told. */
export class OwnersNotes {
  readonly #random: Random;
  /** Of items in whose notes somebody has written, in the order of writing. */
  readonly #written = new Map<Item, string[]>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Somebody writes above the notes of a contact, below them, or in between two times. True when it was so. */
  write(villagers: Villagers, step: number): boolean {
    const { village } = villagers;
    const owner = pick(this.#random, village.all());
    const items = village.items(owner);
    if (!chance(this.#random, 0.5) || items.length === 0) return false;
    const item = pick(this.#random, items);
    const line = `${owner.id} in step ${step}`;
    const before = notesIn(item);
    const lines = before === '' ? [line] : chance(this.#random, 0.5) ? [line, before] : [before, line];
    villagers.touched(item);
    village.edit(owner, item, { personalNotes: lines.join('\r\n') });
    const written = this.#written.get(item) ?? textIn(before);
    this.#written.set(item, lines[0] === line ? [line, ...written] : [...written, line]);
    return true;
  }

  /** What is wrong with the notes in these mailboxes. `written`: what else their owners wrote into contacts, notes included. */
  faults(village: Village, written: ReadonlyMap<Item, Fields>): string[] {
    return village.all().flatMap((owner) =>
      village.items(owner).flatMap((item) => {
        const notes = notesIn(item);
        const [left, tags] = [textIn(notes), notes.match(TAG)?.length ?? 0];
        const own = this.#written.get(item) ?? textIn(notesOf(written.get(item) ?? {}));
        return [
          ...(left.join('|') === own.join('|') ? [] : [`notes of ${owner.id} read otherwise: ${notes}`]),
          ...(tags > 1 ? [`${tags} tags in the notes of ${owner.id}`] : []),
        ];
      }),
    );
  }
}

/** Line by line, without the tags. */
export function textIn(notes: string): string[] {
  return notes.replaceAll(TAG, '').split('\r\n').filter(Boolean);
}
