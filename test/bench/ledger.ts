import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { CardRecord, Ledger, LinkRecord, PlaceRecord } from '../../src/engine/ledger-port.ts';
import { openLedger } from '../../src/ledger/open.ts';

export interface LedgerFigures {
  readonly people: number;
  readonly mailboxes: number;
  readonly links: number;
  /** The whole file after a checkpoint, people, cards and places included. */
  readonly bytesPerLink: number;
  readonly loadPerSecond: number;
  readonly peakRssMiB: number;
  /** 20 people of a place that is being filled. */
  readonly pendingMicroseconds: number;
  /** One walk over a place in which nothing is pending. */
  readonly pendingNothingMicroseconds: number;
  /** One person in a slab: what a live change asks first. */
  readonly inSlabMicroseconds: number;
  /** 20 links stored with their slab's generation. */
  readonly saveMicroseconds: number;
  readonly countMilliseconds: number;
}

export interface LedgerBench {
  readonly people: number;
  readonly mailboxes: number;
  /** FULL as in service, or OFF where only the size is of interest. */
  readonly synchronous?: 'FULL' | 'OFF';
}

/** A create that was sent and not answered. */
const unknown = {
  item: null,
  fingerprint: null,
  revision: 0,
  state: 'creating',
  attempted: 1_795_000_000_000,
} as const;

/** A turn of the fill: 20 people in each of 10 mailboxes, recorded before the write and again after it. */
const PEOPLE_PER_TURN = 20;
const PLACES_PER_TURN = 10;
const TENANT = 'contoso';

/**
 * Fills a ledger as the service does: every link is first stored as being created, then as known; places advance
 * together, 20 people at a time. The ids have the shape of Exchange's: 152 characters, all but the last 28 the folder's.
 */
export async function benchLedger(options: LedgerBench): Promise<LedgerFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-bench-'));
  const database = new SqliteDatabase(join(folder, 'ledger.db'));
  try {
    const ledger = await openLedger({ database });
    database.pragma(`synchronous = ${options.synchronous ?? 'FULL'}`);
    const { cards, places } = await furnish(ledger, options);
    const started = performance.now();
    let peakRss = process.memoryUsage.rss();
    for (let from = 0; from < cards.length; from += PEOPLE_PER_TURN) {
      await fillTurn(ledger, cards.slice(from, from + PEOPLE_PER_TURN), places);
      peakRss = Math.max(peakRss, process.memoryUsage.rss());
    }
    const seconds = (performance.now() - started) / 1_000;
    database.pragma('wal_checkpoint(TRUNCATE)');
    const links = cards.length * places.length;
    return {
      people: options.people,
      mailboxes: options.mailboxes,
      links,
      bytesPerLink: statSync(database.name).size / links,
      loadPerSecond: links / seconds,
      ...(await timings(ledger, cards, places)),
      peakRssMiB: Math.max(peakRss, process.memoryUsage.rss()) / 1024 / 1024,
    };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function furnish(
  ledger: Ledger,
  { people, mailboxes }: LedgerBench,
): Promise<{ cards: CardRecord[]; places: PlaceRecord[] }> {
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
  await ledger.memberships.track(TENANT, [objectId(1_000_000)]);
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
    places.map(({ place }) => ({ place, folder: folderId(place), name: 'Company Directory', trusted: true })),
  );
  return { cards, places };
}

async function fillTurn(
  ledger: Ledger,
  cards: readonly CardRecord[],
  places: readonly PlaceRecord[],
): Promise<void> {
  for (let from = 0; from < places.length; from += PLACES_PER_TURN) {
    const chosen = places.slice(from, from + PLACES_PER_TURN);
    const known = chosen.flatMap((place) => cards.map((card) => linkOf(card, place)));
    const sent = known.map((link) => ({ ...link, ...unknown }));
    await ledger.links.save({ put: sent, bump: { tenant: TENANT, slab: 0 } });
    await ledger.links.save({ put: known });
  }
}

async function timings(
  ledger: Ledger,
  cards: readonly CardRecord[],
  places: readonly PlaceRecord[],
): Promise<
  Omit<LedgerFigures, 'people' | 'mailboxes' | 'links' | 'bytesPerLink' | 'loadPerSecond' | 'peakRssMiB'>
> {
  const place = places[0];
  const route = place?.route ?? 0;
  const one = cards.at(-1);
  if (!place || !one) throw new Error('The bench needs people and mailboxes.');
  const last20 = cards.slice(-20).map((card) => linkOf(card, place));
  const drop = last20.map(({ person }) => ({ person, place: place.place }));
  const pendingNothing = await microseconds(20, () => ledger.links.pending(place.place, 0, 20));
  const save = await microseconds(200, () =>
    ledger.links.save({ put: last20, bump: { tenant: TENANT, slab: 0 } }),
  );
  await ledger.links.save({ drop });
  const cursor = cards.at(-21)?.person ?? 0;
  const pending = await microseconds(200, () => ledger.links.pending(place.place, cursor, 20));
  await ledger.links.save({ put: last20 });
  return {
    pendingMicroseconds: pending,
    pendingNothingMicroseconds: pendingNothing,
    inSlabMicroseconds: await microseconds(200, () => ledger.links.inSlab(TENANT, 0, [one.identity])),
    saveMicroseconds: save,
    countMilliseconds: (await microseconds(3, () => ledger.links.count(route))) / 1_000,
  };
}

/** Median of the given number of calls. */
async function microseconds(times: number, call: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const started = performance.now();
    await call();
    taken.push((performance.now() - started) * 1_000);
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

function linkOf(card: CardRecord, place: PlaceRecord): LinkRecord {
  return {
    person: card.person,
    place: place.place,
    item: folderId(place.place) + scattered(card.person * 131_071 + place.place, 21).toString('base64url'),
    origin: 'created',
    fingerprint: card.fingerprint,
    revision: 1,
    state: 'known',
    attempted: null,
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
