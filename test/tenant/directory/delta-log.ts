import type { Clock } from '../../../src/kit/clock.ts';
import type { FaultDice } from '../faults.ts';
import type { DirectoryChange, DirectoryObject, MemberType, Version } from './objects.ts';

export interface LogEntry {
  readonly order: number;
  readonly visibleAt: number;
  readonly change: DirectoryChange;
}

/** What the log's replica shows of one object by now. */
export interface Shown {
  order: number;
  version: Version<DirectoryObject>;
  /** Properties that were ever changed: these are shown as null when cleared; one never set is absent. */
  readonly named: Set<string>;
  readonly members: Map<string, ShownMember>;
}

interface ShownMember {
  order: number;
  type: MemberType;
  present: boolean;
}

/**
 * The change log behind `delta` of one collection. Positions count what has become *visible*: an entry that a
 * lagging replica shows late gets a later position, so that it still comes with a newer token.
 */
export class DeltaLog {
  readonly visible: LogEntry[] = [];
  readonly shown = new Map<string, Shown>();
  readonly #clock: Clock;
  readonly #dice: FaultDice;
  readonly #staleMs: number;
  #hidden: LogEntry[] = [];
  #order = 0;

  constructor(options: { clock: Clock; dice: FaultDice; staleMs: number }) {
    this.#clock = options.clock;
    this.#dice = options.dice;
    this.#staleMs = options.staleMs;
  }

  append(change: DirectoryChange): void {
    const lag = this.#dice.roll('staleRead') ? 1 + this.#dice.upTo(this.#staleMs - 1) : 0;
    const entry = { order: (this.#order += 1), visibleAt: this.#clock.now() + lag, change };
    if (lag === 0) this.#show(entry);
    else this.#hidden.push(entry);
  }

  /** Lets entries appear whose time has come. To be called before every look. */
  refresh(): void {
    if (this.#hidden.length === 0) return;
    const now = this.#clock.now();
    const due = this.#hidden.filter((entry) => entry.visibleAt <= now);
    if (due.length === 0) return;
    this.#hidden = this.#hidden.filter((entry) => entry.visibleAt > now);
    for (const entry of due.toSorted((a, b) => a.visibleAt - b.visibleAt || a.order - b.order))
      this.#show(entry);
  }

  #show(entry: LogEntry): void {
    const { change, order } = entry;
    this.visible.push(entry);
    let shown = this.shown.get(change.id);
    if (shown === undefined) {
      shown = { order, version: change.version, named: new Set(), members: new Map() };
      this.shown.set(change.id, shown);
    }
    for (const name of change.properties ?? []) shown.named.add(name);
    for (const { id, type, added } of change.members) {
      const known = shown.members.get(id);
      if (known === undefined || known.order < order) shown.members.set(id, { order, type, present: added });
    }
    if (order < shown.order) return;
    shown.order = order;
    shown.version = change.version;
  }
}
