/**
 * The ledger's books about the processes that work on it, when there are several. Their clocks need not agree: nobody holds
 * a time of another against his own clock, only whether a sign of life is still the same as before.
 */

/** Work that one process does at a time. */
export interface Leases {
  /** As it stands; null when nobody ever held it. */
  read(name: string): Promise<LeaseRecord | null>;
  /**
   * Takes it, if it still stands as it was `seen`. Returns the fencing token, higher than every one before; null when somebody
   * was faster.
   */
  take(
    name: string,
    wanted: { readonly holder: string; readonly seen: LeaseRecord | null; readonly at: number },
  ): Promise<number | null>;
  /** A sign of life; false when another has taken it meanwhile, or it was given back. */
  renew(name: string, token: number, at: number): Promise<boolean>;
  /** Gives it back, so that nobody need wait for signs of life. Nothing happens when another has it. */
  release(name: string, token: number): Promise<void>;
}

export interface LeaseRecord {
  /** Null: given back. */
  readonly holder: string | null;
  readonly token: number;
  /** Grows with every sign of life. */
  readonly beat: number;
  /** When the holder took it or last showed a sign of life, by its own clock: for people who look. */
  readonly at: number;
}

/** Who is at work. */
export interface Crew {
  all(): Promise<CrewMember[]>;
  /** Enters a member, or shows a sign of life of it. */
  announce(member: Omit<CrewMember, 'beat'>): Promise<void>;
  /** Strikes a member out; one that was `seen` at a beat, only if it has shown no sign of life since. */
  leave(id: string, seen?: number): Promise<void>;
}

export interface CrewMember {
  readonly id: string;
  /** `all`: worker and keeper in one. `standby`: a keeper that waits for the lease. */
  readonly role: CrewRole;
  /** Names the configuration that it works with. */
  readonly configuration: string;
  /** Grows with every sign of life. */
  readonly beat: number;
  /** When it last showed one, by its own clock: for people who look. */
  readonly at: number;
}

export type CrewRole = 'worker' | 'keeper' | 'standby' | 'all';
