import { names, type ParsedId } from './item-ids.ts';
import type { Folder, Item } from './item.ts';

interface Entry {
  readonly at: number;
  /** How many changes the mailbox had seen before. */
  readonly changes: number;
  readonly key: string;
  /** The item before this change; null: there was none. */
  readonly was: Item | null;
}

/** What a mailbox held a while ago: as much of it as a replica that is behind may still show. */
export class Journal {
  readonly #keepMs: number;
  #entries: Entry[] = [];

  /** 0: nothing is kept, since no replica is ever behind. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  note(entry: Entry): void {
    if (this.#keepMs === 0) return;
    this.#entries = this.#entries.filter(({ at }) => at > entry.at - this.#keepMs);
    this.#entries.push({ ...entry, was: entry.was && { ...entry.was } });
  }

  changedSince(at: number): boolean {
    return (this.#entries.at(-1)?.at ?? -Infinity) > at;
  }

  /** How many changes the mailbox had seen at that time, where it has changed since. */
  changesAt(at: number): number | undefined {
    return this.#entries.find((entry) => entry.at > at)?.changes;
  }

  /** What stood in the folder at that time. */
  folderAt(folder: Folder, at: number): Folder {
    const items = new Map(folder.items);
    for (const { at: changedAt, key, was } of this.#entries.toReversed()) {
      if (changedAt <= at) break;
      if (was?.folder === folder) items.set(key, was);
      else items.delete(key);
    }
    return { ...folder, items };
  }

  /** The item as it was; `same`: nothing has become of it since; null: it was not there, or bore another id. */
  itemAt(parsed: ParsedId, at: number): Item | 'same' | null {
    const entry = this.#entries.find((one) => one.at > at && one.key === parsed.key);
    if (!entry) return 'same';
    return entry.was && names(parsed, entry.was) ? entry.was : null;
  }
}
