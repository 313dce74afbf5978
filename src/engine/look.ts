import { Fault } from '../model/fault.ts';
import { reading } from './at-places.ts';
import type { Sighted } from './drift.ts';
import type { Pair, PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import type { FoundItem, Operation, Outcome } from './ports.ts';
import { noteTroubles } from './trouble.ts';

/** Who looks, and in which tenant's mailboxes. */
export interface Looker {
  readonly needs: Needs;
  readonly tenant: string;
}

/** Links of a place that are read at a time. */
const PAIRS_AT_ONCE = 5_000;

/** Carries out one operation for each, their calls sharing batches; mailboxes that ask to wait are remembered. */
export async function lookup<One extends { readonly place: PlaceRecord }>(
  { needs, tenant }: Looker,
  subjects: readonly One[],
  operation: (subject: One) => Operation,
): Promise<Outcome[]> {
  if (subjects.length === 0) return [];
  const outcomes = await portOf(needs.targets, tenant).apply(subjects.map(operation), 'bulk');
  await noteTroubles(
    needs,
    tenant,
    subjects.map(({ place }, index) => ({ place, outcome: outcomes[index] })),
  );
  return outcomes;
}

/** Those of the items that are there and ours, read one by one, 20 to a request. `folder` null: wherever they are. */
export async function readItems(
  looker: Looker,
  { place, folder }: { place: PlaceRecord; folder: string | null },
  items: readonly string[],
): Promise<{ ours: Sighted[]; fault: Fault | null }> {
  const subjects = items.map((item) => ({ place, item }));
  const outcomes = await lookup(looker, subjects, ({ item }) => ({
    ...reading(looker.needs, place),
    kind: 'read',
    folder,
    item,
  }));
  const ours: Sighted[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind !== 'items') return { ours: [], fault: faultOf(outcome) };
    ours.push(...outcome.items.map((one) => sighted(looker.needs, one)));
  }
  return { ours, fault: null };
}

export function sighted({ fingerprint }: Needs, { item, identity, origin, card }: FoundItem): Sighted {
  return { item, identity, origin, fingerprint: fingerprint(card) };
}

/** Every link of the place with its card. */
export async function pairsOf({ ledger }: Pick<Needs, 'ledger'>, place: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let cursor = 0; ;) {
    const page = await ledger.links.ofPlace(place, cursor, PAIRS_AT_ONCE);
    pairs.push(...page);
    if (page.length < PAIRS_AT_ONCE) return pairs;
    cursor = page.at(-1)?.card.person ?? cursor;
  }
}

export function faultOf(outcome: Outcome | undefined): Fault {
  return outcome?.kind === 'fault' ? outcome.fault : new Fault('unavailable', 'no answer to a look');
}
