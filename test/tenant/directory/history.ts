import type { MemberChange, MemberType, Version } from './objects.ts';

/** An object with as much of its past as a lagging replica may still show. */
export class History<T> {
  current: Version<T>;
  #past: Version<T>[] = [];

  constructor(first: Version<T>) {
    this.current = first;
  }

  write(version: Version<T>, keepSince: number): void {
    this.#past.push(this.current);
    this.current = version;
    while (this.#past.length > 1 && (this.#past[1] as Version<T>).at <= keepSince) this.#past.shift();
  }

  /** What a replica that lags behind until `time` shows; undefined when the object was not there yet. */
  at(time: number): Version<T> | undefined {
    if (this.current.at <= time) return this.current;
    return this.#past.findLast((version) => version.at <= time);
  }
}

/** The direct members of a group, and what changed lately. */
export class Membership {
  readonly members = new Map<string, MemberType>();
  #log: (MemberChange & { at: number })[] = [];

  write(change: MemberChange, times: { at: number; keepSince: number }): void {
    if (change.added) this.members.set(change.id, change.type);
    else this.members.delete(change.id);
    this.#log = this.#log.filter((entry) => entry.at > times.keepSince);
    this.#log.push({ ...change, at: times.at });
  }

  /** True when something changed after `time`. */
  changedSince(time: number): boolean {
    return this.#log.some((entry) => entry.at > time);
  }

  /** Members as they were at `time`. */
  at(time: number): ReadonlyMap<string, MemberType> {
    if (!this.changedSince(time)) return this.members;
    const then = new Map(this.members);
    for (const entry of this.#log.toReversed()) {
      if (entry.at <= time) break;
      if (entry.added) then.delete(entry.id);
      else then.set(entry.id, entry.type);
    }
    return then;
  }
}
