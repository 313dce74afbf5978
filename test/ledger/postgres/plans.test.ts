import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Ledger } from '../../../src/engine/ledger-port.ts';
import { furnish, linkOf, type Furniture } from '../../bench/ledger-furniture.ts';
import { existing, TENANT } from '../../contracts/ledger-setup.ts';
import { withClient } from '../../postgres/client.ts';
import { postgresHome } from './home.ts';

/** The server writes down how it carried out each statement, and what that took. */
const home = postgresHome({
  settings: {
    session_preload_libraries: "'auto_explain'",
    'auto_explain.log_min_duration': 0,
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_format': 'json',
    log_min_messages: 'log',
    log_line_prefix: "'%a|'",
    autovacuum: 'off',
  },
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly Node[];
}

interface Carried {
  readonly text: string;
  readonly plan: Node;
}

const PEOPLE = 3_000;
const MAILBOXES = 300;
/** Of one more group: a few thousand are gone through faster than they are looked up. */
const MEMBERS = 40_000;
/** So many of the people have a contact in every mailbox; the others are still to come. */
const LINKED = 300;
/** More than any of the calls is about, and a small part of what is there. */
const ROWS_AT_MOST = 1_000;
/** Once a statement was planned so often with its values, PostgreSQL may keep one plan for all. */
const UNTIL_KEPT = 8;

async function fill(ledger: Ledger): Promise<Furniture> {
  const { cards, places } = await furnish(ledger, { people: PEOPLE, mailboxes: MAILBOXES });
  const links = places.flatMap((place) => cards.slice(0, LINKED).map((card) => linkOf(card, place)));
  for (let from = 0; from < links.length; from += 10_000)
    await ledger.links.save({ put: links.slice(from, from + 10_000) });
  await ledger.memberships.track(TENANT, ['crowd'], 'group');
  const joined = Array.from({ length: MEMBERS }, (_, index) => ({
    id: `m-${index}`,
    kind: 'person' as const,
  }));
  const round = { tenant: TENANT, bundle: 'crowd', groups: ['crowd'], full: true, token: 't', at: 1 };
  await ledger.memberships.apply({
    ...round,
    differences: [{ group: 'crowd', gone: false, joined, left: [] }],
  });
  // As the server does by itself within a minute or two.
  await withClient(home.url(), (client) => client.query('analyze'));
  return { cards, places };
}

/** How the statements of the call are carried out when it was made often enough. */
async function carried(call: () => Promise<unknown>): Promise<Carried[]> {
  for (let time = 0; time < UNTIL_KEPT; time++) await call();
  const log = path.join(home.server().data, 'log');
  const from = statSync(log).size;
  await call();
  const said = readFileSync(log).subarray(from).toString('utf8');
  return said
    .split(/^contact-sync\|LOG: {2}duration: [\d.]+ ms {2}plan:$/m)
    .slice(1)
    .map((entry) => JSON.parse(entry.split(/^\S*\|LOG:/m)[0] ?? '') as { 'Query Text': string; Plan: Node })
    .map((entry) => ({ text: entry['Query Text'], plan: entry.Plan }));
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Rows that were touched, whether they were wanted or not. */
function touched(plan: Node): number {
  return nodesOf(plan)
    .filter((node) => node['Relation Name'] !== undefined)
    .reduce((sum, node) => {
      const rows = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
      return sum + rows * node['Actual Loops'];
    }, 0);
}

/** Tables that grow with people and mailboxes, and were gone through from end to end. */
function walked(plan: Node): string[] {
  const large = new Set(['links', 'members', 'people', 'cards']);
  return nodesOf(plan).flatMap((node) => {
    const name = node['Relation Name'] ?? '';
    return node['Node Type'] === 'Seq Scan' && large.has(name) ? [name] : [];
  });
}

function readsLinks({ plan }: Carried): boolean {
  return nodesOf(plan).some((node) => node['Relation Name'] === 'links');
}

test('with kept plans, and much in the ledger, a call touches what it is about and walks no table', async () => {
  const ledger = await home.open({ poolSize: 1 });
  const { cards, places } = await fill(ledger);
  const place = existing(places[7]);
  const put = cards.slice(0, 20).map((card) => linkOf(card, place));
  const names = cards.slice(0, 3).map((card) => card.identity);

  // What a live change asks first: the links of three people in one slab of two, one statement for the links.
  const statements = await carried(() => ledger.links.inSlab(TENANT, 0, names));
  const view = await ledger.links.inSlab(TENANT, 0, names);
  expect(view.links).toHaveLength(3 * 200);
  expect(statements).toHaveLength(3);
  expect(statements.filter(readsLinks)).toHaveLength(1);

  const calls: (() => Promise<unknown>)[] = [
    () => ledger.links.inSlab(TENANT, 0, names),
    () => ledger.links.save({ put, bump: { tenant: TENANT, slab: 0 } }),
    () => ledger.links.save({ drop: put }),
    () => ledger.links.pending(place.place, 0, 20),
    () => ledger.links.ofPlace(place.place, 0, 20),
    () => ledger.places.update([{ place: place.place, epoch: place.epoch, cursor: 3 }]),
    () => ledger.cards.of(TENANT, names),
    () => ledger.cards.fannedOut(cards.slice(0, 3)),
    () => ledger.mailboxes.wait(TENANT, [{ owner: place.owner, until: 1 }]),
    () => ledger.mailboxes.resting(TENANT, [place.owner], 0),
    () => ledger.memberships.groupsOf(TENANT, names),
  ];
  let seen = 0;
  for (const call of calls) {
    for (const { text, plan } of await carried(call)) {
      seen++;
      expect(walked(plan), text).toEqual([]);
      expect(touched(plan), text).toBeLessThanOrEqual(ROWS_AT_MOST);
    }
  }
  expect(seen).toBeGreaterThan(15);

  // The check finds a walk where there is one.
  const everybody = await carried(() => ledger.links.count(place.route, false));
  expect(everybody.flatMap(({ plan }) => walked(plan))).toContain('links');
  expect(Math.max(...everybody.map(({ plan }) => touched(plan)))).toBeGreaterThan(ROWS_AT_MOST);
});
