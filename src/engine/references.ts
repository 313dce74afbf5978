import type { Card } from '../model/card.ts';
import type { LinkRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { Turn } from './turn.ts';

/** The item that stands in the same place of whomever a card names; null, or not given: they have none there. */
export interface Referring {
  readonly refersTo?: string | null;
}

/** A card that is to be written into a place. */
interface Written {
  readonly place: number;
  readonly card: Card;
}

/** Of whom a card names, the item in a place: by `place|identity`. */
export type Referred = ReadonlyMap<string, string>;

/** Looks up what the cards name, in one statement; asks nothing where none of them names anybody. */
export async function referredBy(
  { ledger }: Pick<Needs, 'ledger'>,
  { tenant, slab }: Pick<Turn, 'tenant' | 'slab'>,
  written: readonly Written[],
): Promise<Referred> {
  const named = new Set(written.flatMap(({ card }) => card.managerId ?? []));
  if (named.size === 0) return new Map();
  const { cards, links } = await ledger.links.inSlab(tenant, slab, [...named]);
  const identities = new Map(cards.map(({ person, identity }) => [person, identity]));
  const items = links.flatMap(({ person, place, item }) =>
    item === null ? [] : [[`${place}|${identities.get(person)}`, item] as const],
  );
  return new Map(items);
}

/** The item that a card is to refer to there; null where whoever it names has none, or it names nobody. */
export function itemReferredTo(referred: Referred, { place, card }: Written): string | null {
  return card.managerId ? (referred.get(`${place}|${card.managerId}`) ?? null) : null;
}

/** Whoever has another item now, or none, is referred to wrongly: in routes whose cards name others. */
export function hasMoved(
  { routes }: Pick<Needs, 'routes'>,
  {
    place,
    link,
  }: { readonly place: { readonly route: number; readonly state: string }; readonly link: LinkRecord | null },
  next: LinkRecord | null,
): boolean {
  if ((link?.item ?? null) === (next?.item ?? null) || place.state !== 'active') return false;
  return routes.find(({ key }) => key === place.route)?.owns.includes('managerId') ?? false;
}
