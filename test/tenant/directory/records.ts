import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { History } from './history.ts';
import type { Collection, DirectoryChange, Objects, Presence } from './objects.ts';

export interface RecordsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly staleMs: number;
  readonly onChange: (change: DirectoryChange) => void;
}

/** The objects of one collection with as much of their past as a stale replica may show. Every write is reported. */
export class Records<C extends Collection> {
  readonly all = new Map<string, History<Objects[C]>>();
  readonly #collection: C;
  readonly #make: (id: string, partial: Partial<Objects[C]>) => Objects[C];
  readonly #options: RecordsOptions;

  /** `make` fills in what is not given of a new object. */
  constructor(
    collection: C,
    make: (id: string, partial: Partial<Objects[C]>) => Objects[C],
    options: RecordsOptions,
  ) {
    this.#collection = collection;
    this.#make = make;
    this.#options = options;
  }

  add(partial: Partial<Objects[C]> = {}): Objects[C] {
    const id = partial.id ?? uuid(this.#options.random);
    if (this.all.has(id)) throw new Error(`${this.#collection}: ${id} exists`);
    const value = this.#make(id, partial);
    this.all.set(id, new History({ at: this.#options.clock.now(), value, presence: 'live' }));
    this.report(id, {});
    return value;
  }

  update(id: string, patch: Partial<Omit<Objects[C], 'id'>>): Objects[C] {
    const history = this.demand(id, 'live');
    const value: Objects[C] = { ...history.current.value, ...patch };
    const { at, keepSince } = this.now();
    history.write({ at, value, presence: 'live' }, keepSince);
    this.report(id, { properties: Object.keys(patch) });
    return value;
  }

  /** Without a report. */
  move(id: string, way: { readonly from: Presence; readonly to: Presence }): void {
    const history = this.demand(id, way.from);
    const { at, keepSince } = this.now();
    history.write({ at, value: history.current.value, presence: way.to }, keepSince);
  }

  /** To deletedItems, or gone at once and for good. */
  remove(id: string, to: 'soft' | 'hard'): void {
    this.move(id, { from: 'live', to });
    this.report(id, { changeType: to === 'hard' ? 'deleted' : 'updated' });
  }

  /** Throws where the object is not what it is taken for. */
  demand(id: string, presence: Presence): History<Objects[C]> {
    const history = this.all.get(id);
    if (history?.current.presence !== presence)
      throw new Error(`${this.#collection}: ${id} is not ${presence}`);
    return history;
  }

  report(id: string, what: Partial<DirectoryChange>): void {
    const history = this.all.get(id);
    if (history === undefined) throw new Error(`${this.#collection}: ${id} was never there`);
    this.#options.onChange({
      collection: this.#collection,
      id,
      version: history.current,
      properties: what.properties,
      members: what.members ?? [],
      changeType: what.changeType ?? 'updated',
    });
  }

  /** The time of a write, and since when the past is kept. */
  now(): { readonly at: number; readonly keepSince: number } {
    const at = this.#options.clock.now();
    return { at, keepSince: at - this.#options.staleMs };
  }
}
