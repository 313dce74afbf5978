import type { CardRecord, Ledger, LinkRecord, PlaceRecord } from '../../src/engine/ledger-port.ts';
import { seen } from '../../src/engine/seen.ts';

export const TENANT = 'contoso';

export interface Furniture {
  readonly cards: CardRecord[];
  readonly places: PlaceRecord[];
}

/** A route, a group with everybody in it, cards, and places with folders of the first `mailboxes` people. */
export async function furnish(
  ledger: Ledger,
  { people, mailboxes }: { readonly people: number; readonly mailboxes: number },
): Promise<Furniture> {
  const route = await ledger.routes.save({
    id: 'staff',
    job: 'staff',
    sourceTenant: TENANT,
    targetTenant: TENANT,
    folder: 'Company Directory',
    definition: 'bench',
    state: 'active',
  });
  const ids = Array.from({ length: people }, (_, index) => objectId(index));
  await ledger.memberships.track(TENANT, [objectId(1_000_000)], 'group');
  await ledger.memberships.apply({
    tenant: TENANT,
    bundle: 'bundle',
    groups: [objectId(1_000_000)],
    full: true,
    differences: [
      {
        group: objectId(1_000_000),
        gone: false,
        joined: ids.map((id) => ({ id, kind: 'person' as const })),
        left: [],
      },
    ],
    token: 'token',
    at: 1,
  });
  const outbox = await ledger.outbox.read(people);
  await ledger.outbox.sent(outbox.map((entry) => entry.entry));
  const cards = await ledger.cards.record(
    TENANT,
    ids.map((identity, index) => ({
      identity,
      route: route.key,
      fingerprint: print(index),
      state: 'shown' as const,
    })),
  );
  await ledger.cards.fannedOut(cards);
  for (const owner of ids.slice(0, mailboxes)) await ledger.mailboxes.join(TENANT, owner, route.key);
  const slabs = await ledger.slabs.of(route.key);
  const places = (
    await Promise.all(slabs.map(({ tenant, slab }) => ledger.places.ofSlab(tenant, slab)))
  ).flat();
  await ledger.places.update(
    places.map((place) => ({
      ...seen(place),
      folder: folderId(place.place),
      name: 'Company Directory',
      trusted: true,
    })),
  );
  return { cards, places };
}

/** With an item id in the shape of Exchange's: 152 characters, all but the last 28 the folder's. */
export function linkOf(card: CardRecord, place: PlaceRecord): LinkRecord {
  return {
    person: card.person,
    place: place.place,
    item: folderId(place.place) + scattered(card.person * 131_071 + place.place, 21).toString('base64url'),
    origin: 'created',
    fingerprint: card.fingerprint,
    revision: 1,
    state: 'known',
    attempted: null,
    photo: null,
  };
}

/** 124 characters. */
function folderId(place: number): string {
  return `AAMk${scattered(place, 90).toString('base64url')}`;
}

function objectId(number: number): string {
  const hex = scattered(number + 7, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function print(number: number): string {
  return scattered(number + 3, 8).toString('hex');
}

/** Bytes that look random and are the same every time (splitmix32). */
function scattered(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0;
  for (let at = 0; at < length; at++) {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    bytes[at] = (mixed ^ (mixed >>> 15)) & 0xff;
  }
  return bytes;
}
