import { standsAsAsked } from '../model/standing.ts';
import { sharingRoute } from './contact-keys.ts';
import { plan } from './compare.ts';
import { expand } from './expand.ts';
import type { CardRecord } from './ledger-port.ts';
import type { MailboxRecord } from './mailbox-port.ts';
import type { Needs } from './needs.ts';
import { newChange } from './send.ts';
import { worksIn } from './works.ts';
import type { Work } from './work.ts';

/**
 * What a run would do. Everything is decided by the very functions that decide in earnest, over a copy of the ledger that is
 * thrown away and queues that keep nothing: only the sending is left out.
 */
export interface Forecast {
  /** People whose card, and mailboxes whose place, would become another. */
  readonly moves: readonly Move[];
  readonly tallies: ReadonlyMap<number, Tally>;
  /** Objects that could not be read: nothing is known about them. */
  readonly unread: number;
}

export interface Move {
  /** Key in the (copied) ledger. */
  readonly route: number;
  readonly kind: 'person' | 'mailbox';
  readonly subject: string;
  readonly becomes: 'shown' | 'changed' | 'gone' | 'joined' | 'left';
}

/** Contacts of one route. */
export interface Tally {
  readonly create: number;
  readonly change: number;
  readonly remove: number;
  /** Looked up by their mark first: whether they are right is known only then. */
  readonly look: number;
  /** By identity: what becomes of it, in how many mailboxes; and one link of it that would be changed. */
  readonly people: ReadonlyMap<string, PersonTally>;
  /** By owner. */
  readonly mailboxes: ReadonlyMap<string, number>;
}

export interface PersonTally {
  contacts: number;
  sample: Work | null;
}

/** As many people as one take of the queue brings. */
const PEOPLE_AT_ONCE = 100;
const PAIRS_AT_ONCE = 4_000;

/** Looks at everybody named, as at the last look: whoever cannot be found is taken for gone. */
export async function forecastPeople(
  needs: Needs,
  tenant: string,
  ids: readonly string[],
): Promise<Pick<Forecast, 'moves' | 'unread'>> {
  const { cards, mailboxes } = needs.ledger;
  const moves: Move[] = [];
  let unread = 0;
  for (let from = 0; from < ids.length; from += PEOPLE_AT_ONCE) {
    const some = ids.slice(from, from + PEOPLE_AT_ONCE);
    const before = { cards: await cards.of(tenant, some), mailboxes: await mailboxes.of(tenant, some) };
    const changes = some.map((id) => newChange({ kind: 'user', tenant, id }, 'configuration', 0));
    const { faults } = await expand(needs, tenant, changes);
    unread += faults.size;
    moves.push(...cardMoves(before.cards, await cards.of(tenant, some)));
    moves.push(...mailboxMoves(before.mailboxes, await mailboxes.of(tenant, some)));
  }
  return { moves, unread };
}

function cardMoves(before: readonly CardRecord[], after: readonly CardRecord[]): Move[] {
  const known = new Map(before.map((card) => [`${card.route}|${card.identity}`, card]));
  return after.flatMap(({ route, identity: subject, state, revision, fingerprint }): Move[] => {
    const old = known.get(`${route}|${subject}`);
    const move = { route, kind: 'person' as const, subject };
    if (state === 'gone') return old && old.state !== 'gone' ? [{ ...move, becomes: 'gone' }] : [];
    if (state === 'held')
      return old && old.fingerprint !== fingerprint && fingerprint !== ''
        ? [{ ...move, becomes: 'changed' }]
        : [];
    if (!old || old.state === 'gone') return [{ ...move, becomes: 'shown' }];
    return old.revision === revision ? [] : [{ ...move, becomes: 'changed' }];
  });
}

function mailboxMoves(before: readonly MailboxRecord[], after: readonly MailboxRecord[]): Move[] {
  const [old, fresh] = [routesOf(before), routesOf(after)];
  const none: ReadonlySet<number> = new Set();
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((subject) => {
    const [was, is] = [old.get(subject) ?? none, fresh.get(subject) ?? none];
    const move = (becomes: Move['becomes']) => (route: number) => ({
      route,
      kind: 'mailbox' as const,
      subject,
      becomes,
    });
    return [...is.difference(was)].map(move('joined')).concat([...was.difference(is)].map(move('left')));
  });
}

function routesOf(mailboxes: readonly MailboxRecord[]): Map<string, ReadonlySet<number>> {
  return new Map(mailboxes.map(({ owner, routes }) => [owner, new Set(routes)]));
}

/** What would become of each contact of the slab: every pair of these people and the slab's places. */
export async function forecastSlab(
  needs: Needs,
  { tenant, slab, identities }: { tenant: string; slab: number; identities: readonly string[] },
  tallies: Map<number, MutableTally>,
): Promise<void> {
  const places = await needs.ledger.places.ofSlab(tenant, slab);
  const portion = Math.max(1, Math.floor(PAIRS_AT_ONCE / Math.max(1, places.length)));
  for (let from = 0; from < identities.length; from += portion) {
    const some = identities.slice(from, from + portion);
    const view = await needs.ledger.links.inSlab(tenant, slab, some);
    for (const work of worksIn(needs, view, places)) count(needs, work, tallies);
  }
}

/** A copy in a place that is to stand in another folder, or in one more. */
function isToBeMoved(needs: Needs, { place, link, wanted }: Work): boolean {
  const stands = sharingRoute(needs, place)?.shares.stands ?? null;
  if (!wanted || link?.origin !== 'created' || link.item === null || place.folder === null) return false;
  return !standsAsAsked(place.folder, stands);
}

export type MutableTally = {
  -readonly [Name in keyof Tally]: Tally[Name] extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : Tally[Name];
};

function count(needs: Needs, work: Work, tallies: Map<number, MutableTally>): void {
  const { card, place } = work;
  const { kind } = plan({
    ...work,
    now: needs.clock.now(),
    lateness: { gatewayTimeoutMs: needs.timing.gatewayTimeoutMs, since: 0 },
  });
  const isSettled = kind === 'nothing' || kind === 'confirm' || kind === 'forget';
  if (isSettled && !isToBeMoved(needs, work)) return;
  const tally = tallies.get(place.route) ?? {
    create: 0,
    change: 0,
    remove: 0,
    look: 0,
    people: new Map<string, PersonTally>(),
    mailboxes: new Map<string, number>(),
  };
  tallies.set(place.route, tally);
  const isSeen = place.trusted || place.folder === null;
  const isChange = isSettled || kind === 'patch' || kind === 'picture' || kind === 'move';
  const isLook = kind === 'find' || kind === 'look-at-picture' || kind === 'wait';
  const what = !isSeen || isLook ? 'look' : isChange ? 'change' : kind;
  tally[what] += 1;
  tally.mailboxes.set(place.owner, (tally.mailboxes.get(place.owner) ?? 0) + 1);
  const person = tally.people.get(card.identity) ?? { contacts: 0, sample: null };
  person.contacts += 1;
  // A picture is no field that could be named.
  if (what === 'change' && kind === 'patch') person.sample ??= work;
  tally.people.set(card.identity, person);
}
