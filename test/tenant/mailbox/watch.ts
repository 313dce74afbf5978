import type { Oracles } from '../oracles.ts';
import { isAdopted, markOf, markValue, type Folder, type Item } from './item.ts';
import type { Mailbox } from './mailbox.ts';

/** Holds the client to its promises at every write: foreign items untouched, no second item with one mark. */
export class Watch {
  readonly #oracles: Oracles;
  #excused = false;

  constructor(oracles: Oracles) {
    this.#oracles = oracles;
  }

  /** Before the client removes an item. */
  taking(mailbox: Mailbox, item: Item): void {
    if (isAdopted(item.content))
      this.#oracles.note('foreign-touched', `mailbox ${mailbox.userId} item ${item.key}`);
    else this.touching(mailbox, item);
  }

  /** Before the client changes an item. */
  touching(mailbox: Mailbox, item: Item): void {
    if (markOf(item.content) !== undefined) return;
    this.#oracles.note('foreign-touched', `mailbox ${mailbox.userId} item ${item.key}`);
  }

  /** Before the client removes a folder with all that is in it. */
  removing(mailbox: Mailbox, folder: Folder): void {
    for (const item of folder.items.values()) this.taking(mailbox, item);
    for (const child of mailbox.folders.values()) if (child.parent === folder) this.removing(mailbox, child);
  }

  /** What comes late on behalf of a timed-out create is not the client's fault. Only the synchronous part is excused. */
  excuse<T>(work: () => T): T {
    this.#excused = true;
    try {
      return work();
    } finally {
      this.#excused = false;
    }
  }

  /** After the client made an item, or gave one its mark. What the owner copied or moved does not count. */
  marked(mailbox: Mailbox, item: Item): void {
    const value = markValue(item.content);
    if (value === undefined || this.#excused) return;
    const twins = mailbox.marked(value).filter((other) => other !== item && other.by === 'client');
    if (twins.length > 0) this.#oracles.note('duplicate-mark', `mailbox ${mailbox.userId} mark ${value}`);
  }
}
