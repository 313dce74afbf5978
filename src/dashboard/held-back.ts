/** What waits for one approval, as far as it takes to tell whether more came to it. */
export interface HeldBack {
  readonly count: number;
  /** When the newest of it began to wait, in ISO 8601; empty where there is none. */
  readonly newest: string;
}

interface Waiting {
  readonly held: readonly { readonly since: string }[];
  readonly suspicion: { readonly since: string } | null;
  readonly missing: readonly { readonly since: string }[];
}

export function heldBack({ held, suspicion, missing }: Waiting): HeldBack {
  const all = [...held, ...(suspicion === null ? [] : [suspicion]), ...missing];
  const newest = all.reduce((latest, { since }) => (since > latest ? since : latest), '');
  return { count: all.length, newest };
}

/** Also where what was seen is no sensible figure. */
export function isMore(now: HeldBack, seen: HeldBack): boolean {
  return !(now.count <= seen.count && now.newest <= seen.newest);
}
