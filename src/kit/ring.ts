/** The newest of many, in the order of their coming. */
export class Ring<Item> {
  readonly #most: number;
  readonly #items: Item[] = [];
  /** All that ever came. */
  count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(item: Item): void {
    this.count += 1;
    this.#items.push(item);
    if (this.#items.length > this.#most) this.#items.shift();
  }

  /** The newest that came after the first `seen`; what did not fit is gone. */
  after(seen: number): Item[] {
    const fresh = Math.min(this.count - seen, this.#items.length);
    return fresh <= 0 ? [] : this.#items.slice(-fresh);
  }
}
