import type { Card } from '../model/card.ts';
import type { CardRecord } from './ledger-port.ts';
import type { Candidate } from './ports.ts';

/** A person to be shown who has no contact of ours yet. */
export interface Wanted {
  readonly record: CardRecord;
  readonly card: Card;
}

/**
 * Which contact is whose, by person: the other tool's mark names the person, or exactly one person and exactly one contact
 * share an e-mail address. Where there is any doubt, nothing is adopted. Pure.
 */
export function match(wanted: readonly Wanted[], candidates: readonly Candidate[]): Map<number, string> {
  const matches = new Map<number, string>();
  const pair = (
    keysOf: (one: Wanted) => readonly string[],
    namesOf: (one: Candidate) => readonly string[],
  ): void => {
    const taken = new Set(matches.values());
    const people = indexed(
      wanted.filter(({ record }) => !matches.has(record.person)),
      keysOf,
    );
    const items = indexed(
      candidates.filter(({ item }) => !taken.has(item)),
      namesOf,
    );
    for (const [key, [person, ...others]] of people) {
      const [item, ...more] = items.get(key) ?? [];
      if (person && item && others.length + more.length === 0 && !matches.has(person.record.person))
        matches.set(person.record.person, item.item);
    }
  };
  pair(
    ({ record }) => [record.identity],
    ({ keys }) => keys,
  );
  pair(
    ({ card }) => (card.emailAddresses ?? []).map(({ address }) => address),
    ({ addresses }) => addresses,
  );
  // One contact with two addresses must not become two people.
  const owners = Map.groupBy(matches, ([, item]) => item);
  return new Map([...matches].filter(([, item]) => owners.get(item)?.length === 1));
}

function indexed<One>(all: readonly One[], keysOf: (one: One) => readonly string[]): Map<string, One[]> {
  const index = new Map<string, One[]>();
  for (const one of all) {
    for (const key of new Set(keysOf(one).map((text) => text.trim().toLowerCase())))
      index.set(key, [...(index.get(key) ?? []), one]);
  }
  return index;
}
