/** What must be 0. */
export interface Counters {
  /** Contacts that are not as the directory says when nobody was killed any more for minutes. */
  readonly losses: number;
  readonly duplicates: number;
  readonly foreignTouched: number;
  /** What must not happen at any moment, a second contact of one person for a while included. */
  readonly violations: number;
  /** Messages that were given up. */
  readonly deadLetters: number;
  /** Names, numbers and addresses found in any store or log. */
  readonly personalDataAtRest: number;
  /** Processes that did not end well when they were told to, at the end. */
  readonly badEnds: number;
}

export interface Chaos extends Counters {
  readonly seed: number;
  readonly kills: number;
  readonly killed: Readonly<Record<string, number>>;
  /** Kills of workers while calls to the tenant were on the way. */
  readonly amidCalls: number;
  readonly starts: number;
  /** Processes that ended without having been told to, and were started again. */
  readonly ownEnds: number;
  readonly connectionsDropped: number;
  readonly sessionsStolen: number;
  readonly busRestarts: number;
  readonly databaseRestarts: number;
  readonly changes: number;
  readonly mailboxes: number;
  readonly contacts: number;
  /** Differences that a sweep came upon first, such as a new keeper's, before their notification had its turn or was tried again. */
  readonly foundBySweep: number;
  /** Notifications that were answered with 2xx in time, and attempts that were not. */
  readonly posts: { readonly delivered: number; readonly failed: number; readonly badGateway: number };
  /** Calls of processes that were dead, or had lost a session, beside those of their successors. */
  readonly excused: number;
  readonly seconds: number;
  /** From the last kill until every mailbox was right; null: never. */
  readonly secondsUntilRight: number | null;
  /** For one more change, when it was quiet again; null: never. */
  readonly secondsForOneMore: number | null;
}

const COUNTERS: readonly (keyof Counters)[] = [
  'losses',
  'duplicates',
  'foreignTouched',
  'violations',
  'deadLetters',
  'personalDataAtRest',
  'badEnds',
];

/** What is not as it must be: every counter is 0, and it came right in the end. */
export function verdictOf(result: Chaos): string[] {
  const { secondsUntilRight, secondsForOneMore } = result;
  return [
    ...COUNTERS.filter((name) => result[name] !== 0).map((name) => `${name} ${result[name]}`),
    ...(secondsUntilRight === null ? ['it was never right again'] : []),
    ...(secondsForOneMore === null ? ['a change after it was lost'] : []),
  ];
}
