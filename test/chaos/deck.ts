import type { Random } from '../../src/kit/random.ts';
import { shuffle } from '../kit/seeded-random.ts';

/** Deals its cards in an order of chance, and all of them before any comes again: nothing is left out by chance. */
export class Deck<T> {
  readonly #random: Random;
  readonly #cards: readonly T[];
  #left: T[] = [];

  constructor(random: Random, cards: readonly [T, ...T[]]) {
    this.#random = random;
    this.#cards = cards;
  }

  deal(): T {
    if (this.#left.length === 0) this.#left = shuffle(this.#random, [...this.#cards]);
    return this.#left.pop() as T;
  }
}
