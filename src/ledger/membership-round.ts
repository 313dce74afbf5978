import type { Kysely } from 'kysely';
import type { MembershipRound } from '../engine/ledger-books.ts';
import type { GroupMember } from '../engine/ports.ts';
import { memberKind } from './codes.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/** A direct membership: the container is the key of a tracked group. */
export interface Membership {
  readonly container: number;
  readonly member: string;
  readonly kind: number;
}

/** What a round really changes, compared with the ledger. */
export interface RoundChanges {
  readonly added: readonly Membership[];
  readonly removed: readonly Membership[];
}

/** Per group, the last word of the round about each member; null: has left. */
type LastWords = Map<number, { replaced: boolean; members: Map<string, GroupMember['kind'] | null> }>;

/**
 * The difference between the round and the ledger. Delta repeats itself, and lists one group on several pages: the last
 * word about a member counts, and what the ledger knows already is no change. Groups that are not tracked (any more) are
 * passed over. `tracked`: keys by group id.
 */
export async function changesOf(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { round, tracked }: { round: MembershipRound; tracked: ReadonlyMap<string, number> },
): Promise<RoundChanges> {
  const words = lastWords(round, tracked);
  const known = await knownMembers(db, rows, words);
  const added: Membership[] = [];
  const removed: Membership[] = [];
  for (const [container, { replaced, members }] of words) {
    const present = known.get(container) ?? new Map<string, number>();
    for (const [member, word] of members) {
      if (word === null) continue;
      const kind = memberKind.of(word);
      if (present.get(member) !== kind) added.push({ container, member, kind });
    }
    for (const [member, kind] of present) {
      const word = members.get(member);
      if (word === null || (word === undefined && replaced)) removed.push({ container, member, kind });
    }
  }
  return { added, removed };
}

function lastWords(round: MembershipRound, tracked: ReadonlyMap<string, number>): LastWords {
  const words: LastWords = new Map();
  const of = (container: number): { replaced: boolean; members: Map<string, GroupMember['kind'] | null> } => {
    const known = words.get(container) ?? { replaced: false, members: new Map() };
    words.set(container, known);
    return known;
  };
  for (const group of round.full ? round.groups : []) {
    const container = tracked.get(group);
    if (container !== undefined) of(container).replaced = true;
  }
  for (const { group, gone, joined, left } of round.differences) {
    const container = tracked.get(group);
    if (container === undefined) continue;
    const word = of(container);
    if (gone) {
      word.replaced = true;
      word.members.clear();
    }
    for (const member of left) word.members.set(member, null);
    for (const { id, kind } of joined) word.members.set(id, kind);
  }
  return words;
}

/** Kinds of the members that the words are about: all of a replaced group, else those that are named. */
async function knownMembers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  words: LastWords,
): Promise<Map<number, Map<string, number>>> {
  const replaced = [...words].flatMap(([container, word]) => (word.replaced ? [{ container }] : []));
  const named = [...words].flatMap(([container, word]) =>
    word.replaced ? [] : Array.from(word.members.keys(), (member) => ({ container, member })),
  );
  const whole = await db
    .selectFrom(rows<{ container: number }>({ container: 'integer' }, replaced).as('w'))
    .crossJoin('members as m')
    .whereRef('m.container', '=', 'w.container')
    .select(['m.container', 'm.member', 'm.kind'])
    .execute();
  const single = await db
    .selectFrom(rows<MemberKey>({ container: 'integer', member: 'text' }, named).as('w'))
    .crossJoin('members as m')
    .whereRef('m.container', '=', 'w.container')
    .whereRef('m.member', '=', 'w.member')
    .select(['m.container', 'm.member', 'm.kind'])
    .execute();
  const known = new Map<number, Map<string, number>>();
  for (const { container, member, kind } of [...whole, ...single]) {
    known.set(container, (known.get(container) ?? new Map<string, number>()).set(member, kind));
  }
  return known;
}

type MemberKey = Pick<Membership, 'container' | 'member'>;
