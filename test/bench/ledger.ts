import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { CardRecord, Ledger, PlaceRecord } from '../../src/engine/ledger-port.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { furnish, linkOf, TENANT } from './ledger-furniture.ts';

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

/**
 * Fills a ledger as the service does: every link is first stored as being created, then as known; places advance
 * together, 20 people at a time.
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
    countMilliseconds: (await microseconds(3, () => ledger.links.count(route, false))) / 1_000,
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
