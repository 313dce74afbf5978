import type {
  CardRecord,
  CardState,
  Ledger,
  LinkRecord,
  PlaceRecord,
  PlaceState,
  RouteRecord,
} from '../../src/engine/ledger-port.ts';

/** A database that ledgers are opened over, one after the other; each `open` is a restart of the program. */
export interface LedgerHome {
  open(): Promise<Ledger>;
  destroy(): Promise<void>;
}

export type OpenHome = () => Promise<LedgerHome>;

export const TENANT = 'contoso';

/** A fingerprint that is told apart by a small number. */
export function print(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function saveRoute(
  ledger: Ledger,
  id = 'staff',
  more: Partial<RouteRecord> = {},
): Promise<RouteRecord> {
  return ledger.routes.save({
    id,
    job: 'staff',
    sourceTenant: TENANT,
    targetTenant: TENANT,
    folder: 'Company Directory',
    definition: 'first',
    state: 'active',
    ...more,
  });
}

/** Records a card in this state for each identity; fingerprints count from 1. */
export function recordAs(
  ledger: Ledger,
  route: RouteRecord,
  { identities, state }: { identities: readonly string[]; state: CardState },
): Promise<CardRecord[]> {
  return ledger.cards.record(
    route.sourceTenant,
    identities.map((identity, index) => ({
      identity,
      route: route.key,
      fingerprint: print(index + 1),
      state,
    })),
  );
}

export function show(
  ledger: Ledger,
  route: RouteRecord,
  identities: readonly string[],
): Promise<CardRecord[]> {
  return recordAs(ledger, route, { identities, state: 'shown' });
}

/** The place of a mailbox that has just joined. */
export async function join(ledger: Ledger, route: RouteRecord, owner: string): Promise<PlaceRecord> {
  const { slab } = await ledger.mailboxes.join(route.targetTenant, owner, route.key);
  const places = await ledger.places.ofSlab(route.targetTenant, slab);
  return existing(places.find((place) => place.owner === owner && place.route === route.key));
}

export function linkTo(card: CardRecord, place: PlaceRecord, more: Partial<LinkRecord> = {}): LinkRecord {
  return {
    person: card.person,
    place: place.place,
    item: `item-of-${card.identity}`,
    origin: 'created',
    fingerprint: card.fingerprint,
    revision: card.revision,
    state: 'known',
    attempted: null,
    photo: null,
    ...more,
  };
}

export function existing<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('The test expected something to be there.');
  return value;
}

export async function placeOf(ledger: Ledger, place: PlaceRecord): Promise<PlaceRecord | undefined> {
  const slabs = await ledger.slabs.of(place.route);
  for (const { tenant, slab } of slabs) {
    const found = (await ledger.places.ofSlab(tenant, slab)).find((one) => one.place === place.place);
    if (found) return found;
  }
  return undefined;
}

/** Changes a place as it is now, whatever has begun anew there since it was joined. */
export async function change(
  ledger: Ledger,
  place: PlaceRecord,
  members: Partial<PlaceState>,
): Promise<void> {
  const { epoch } = existing(await placeOf(ledger, place));
  await ledger.places.update([{ place: place.place, epoch, ...members }]);
}

/** A route with one place and these people shown. */
export interface Scene {
  readonly ledger: Ledger;
  readonly route: RouteRecord;
  readonly place: PlaceRecord;
  readonly cards: readonly CardRecord[];
}

export async function setScene(ledger: Ledger, identities: readonly string[]): Promise<Scene> {
  const route = await saveRoute(ledger);
  const place = await join(ledger, route, 'owner');
  return { ledger, route, place, cards: await show(ledger, route, identities) };
}
