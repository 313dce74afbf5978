/** As roles give them: Data Sender, Data Receiver, Data Owner. */
export type Right = 'send' | 'listen' | 'manage';

/** Rights by queue name, in lower case; `*` for every queue. */
export type Rights = Readonly<Record<string, readonly Right[]>>;

/** What a token allows. */
export interface Claim {
  readonly rights: Rights;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Manage contains the others, as Data Owner does. */
export function may(rights: Rights, queue: string, right: Right): boolean {
  const given = [...(rights[queue.toLowerCase()] ?? []), ...(rights['*'] ?? [])];
  return given.includes(right) || given.includes('manage');
}
