import type { Person } from '../model/person.ts';
import type { Condition } from '../model/route.ts';
import { plan, type Plan } from './compare.ts';
import { isLeftToBook } from './contact-setbacks.ts';
import { fieldsOf, type Explaining, type Fields } from './explain-fields.ts';
import { folderRest } from './folder-setbacks.ts';
import type { HeldRecord, Suspicion } from './guard-port.ts';
import { isSure, judgeOwner, judgeShown, type AsOwner, type AsShown } from './judge.ts';
import type { KeptOutRecord } from './kept-out-port.ts';
import type { HaltMode } from './ledger-books.ts';
import type { CardRecord, PlaceRecord } from './ledger-port.ts';
import type { MailboxRecord } from './mailbox-port.ts';
import { isScopeKnown } from './membership.ts';
import { portOf, type ActiveRoute } from './needs.ts';
import type { Work } from './work.ts';
import type { Sighting } from './ports.ts';
import { isUsable } from './reconcile.ts';
import { roomIn } from './room.ts';
import { subjectKey, type Setback } from './setback-book.ts';
import type { KnownSetbacks } from './turn.ts';
import { worksIn } from './works.ts';

/**
 * Why somebody is, or is not, in a mailbox: what was read a moment ago and what the ledger remembers, judged by the very
 * functions that judge in earnest. Reads, and writes nothing.
 */
export interface Explanation {
  readonly route: ActiveRoute;
  readonly halt: HaltMode | null;
  /** Every group that decides was read once, in the tenants of both. */
  readonly isScopeKnown: boolean;
  readonly person: Looked & {
    readonly judged: AsShown | null;
    readonly card: CardRecord | null;
    /** By whose word they are never shown; null: by nobody's. */
    readonly keptOut: KeptOutRecord['by'] | null;
  };
  readonly owner: Looked & { readonly judged: AsOwner | null; readonly mailbox: MailboxRecord | null };
  /** Both are one, and the route shows nobody to themselves. */
  readonly isOwn: boolean;
  readonly guard: {
    readonly person: HeldRecord | null;
    readonly mailbox: HeldRecord | null;
    readonly suspicion: Suspicion | null;
  };
  readonly place: PlaceRecord | null;
  /** The pair as a worker sees it; null where there is nothing to work on. */
  readonly work: Work | null;
  readonly plan: Plan | null;
  /** A live change goes in at once; else the place's fill comes first. */
  readonly isUsable: boolean;
  /** Until when folder and contact are left alone (milliseconds since 1970); 0: nothing holds them up. */
  readonly restsUntil: number;
  readonly fields: Fields;
  readonly audit: {
    /** When the mailbox was last verified (milliseconds since 1970); null: never yet. */
    readonly verified: number | null;
    /** How often a difference of this card was healed there. */
    readonly healed: number;
  };
  /** All that does not succeed about the two and their mailbox, the newest first. */
  readonly setbacks: readonly Setback[];
}

/** One of the two, as looked at. */
interface Looked {
  readonly id: string;
  readonly sighting: Sighting;
  /** Absent for sure; an absence that is not proven is believed only at the last look. */
  readonly isGone: boolean;
  /** In their order; none where nobody was found. */
  readonly answers: readonly Answer[];
}

/** A condition that concerns them, and how they stand to it. */
export interface Answer extends Pick<Condition, 'rule' | 'asks'> {
  readonly met: boolean;
  readonly through: readonly string[];
}

const SETBACKS_AT_MOST = 10_000;

export async function explain(
  needs: Explaining,
  route: ActiveRoute,
  pair: { readonly person: string; readonly owner: string },
): Promise<Explanation> {
  const { ledger } = needs;
  const known =
    (await isScopeKnown(needs, route.sourceTenant)) && (await isScopeKnown(needs, route.targetTenant));
  const person = await lookAtPerson(needs, route, pair.person);
  const owner = await lookAtOwner(needs, route, pair.owner);
  const at = await placeOf(needs, route, { ...pair, mailbox: owner.mailbox });
  const held = await ledger.guard.held(route.job);
  const heldOf = (kind: HeldRecord['kind'], subject: string): HeldRecord | null =>
    held.find((one) => one.kind === kind && one.subject === subject) ?? null;
  const suspicions = await ledger.guard.suspicions();
  return {
    route,
    halt: needs.halts.of(route.id),
    isScopeKnown: known,
    person,
    owner,
    isOwn: pair.person === pair.owner && !route.ownContact,
    guard: {
      person: heldOf('person', pair.person),
      mailbox: heldOf('mailbox', pair.owner),
      suspicion: suspicions.find(({ job }) => job === route.job) ?? null,
    },
    ...at,
    fields: await fieldsOf(needs, route, { ...person, ...at }),
    audit: await auditOf(needs, at),
    setbacks: await setbacksOf(needs, route, { ...pair, slab: owner.mailbox?.slab ?? null }),
  };
}

async function lookAt(needs: Explaining, tenant: string, id: string) {
  const sighting = (await portOf(needs.sources, tenant).look([id])).get(id);
  if (!sighting) throw new Error(`The source gave no answer for ${id}.`);
  const memberOf = (await needs.ledger.memberships.groupsOf(tenant, [id])).get(id) ?? new Set<string>();
  const isGone = sighting.kind === 'absent' && isSure({ sighting, isLastLook: false });
  return { id, sighting, memberOf, isGone };
}

async function lookAtPerson(needs: Explaining, route: ActiveRoute, id: string) {
  const looked = await lookAt(needs, route.sourceTenant, id);
  const { sighting, memberOf } = looked;
  const cards = await needs.ledger.cards.of(route.sourceTenant, [id]);
  const card = cards.find((one) => one.route === route.key);
  const isKeptOut = (await needs.ledger.keptOut.among(route.sourceTenant, [id])).has(id);
  const [ordered] = await needs.ledger.keptOut.of([id]);
  const judged =
    sighting.kind === 'unread'
      ? null
      : judgeShown(needs, route, { sighting, memberOf, record: card, isKeptOut });
  const answers = answersOf(route.shows, looked);
  // By what a shared contact is met by, where it does not stand there itself.
  const keptOut = isKeptOut ? (ordered?.by ?? 'configuration') : null;
  return { ...looked, judged, card: card ?? null, answers, keptOut };
}

async function lookAtOwner(needs: Explaining, route: ActiveRoute, owner: string) {
  const looked = await lookAt(needs, route.targetTenant, owner);
  const { sighting, memberOf } = looked;
  const [mailbox] = await needs.ledger.mailboxes.of(route.targetTenant, [owner]);
  const room = (await roomIn(needs, [route])).get(route.key);
  const joined = mailbox?.routes.includes(route.key) === true ? mailbox : undefined;
  const judged =
    sighting.kind === 'unread'
      ? null
      : judgeOwner(route, { sighting, memberOf, owner, mailbox: joined, room });
  return { ...looked, judged, mailbox: mailbox ?? null, answers: answersOf(route.receives, looked) };
}

function answersOf(
  conditions: readonly Condition[],
  { sighting, memberOf }: { readonly sighting: Sighting; readonly memberOf: ReadonlySet<string> },
): Answer[] {
  if (sighting.kind !== 'present') return [];
  const person: Person = sighting.person;
  return conditions.flatMap(({ rule, asks, meets, through }) => {
    const met = meets(person, memberOf);
    return met === null ? [] : { rule, asks, met, through: through?.(person, memberOf) ?? [] };
  });
}

type At = Pick<Explanation, 'place' | 'work' | 'plan' | 'isUsable' | 'restsUntil'>;

/** The pair as a worker would see it now. */
async function placeOf(
  needs: Explaining,
  route: ActiveRoute,
  { person, owner, mailbox }: { person: string; owner: string; mailbox: MailboxRecord | null },
): Promise<At> {
  const nowhere = { place: null, work: null, plan: null, isUsable: false, restsUntil: 0 };
  if (!mailbox) return nowhere;
  const { tenant, slab } = mailbox;
  const places = await needs.ledger.places.ofSlab(tenant, slab);
  const place = places.find((one) => one.owner === owner && one.route === route.key);
  if (!place) return nowhere;
  const view = await needs.ledger.links.inSlab(tenant, slab, [person]);
  const [work] = worksIn(needs, view, [place]);
  const now = needs.clock.now();
  const setbacks = await needs.ledger.setbacks.inSlab(tenant, slab);
  const known: KnownSetbacks = {
    tenant,
    slab,
    setbacks: new Map(setbacks.map((one) => [subjectKey(one), one])),
  };
  const { gatewayTimeoutMs } = needs.timing;
  const isResting = work !== undefined && isLeftToBook(known, work, now);
  const contact = setbacks.find(
    (one) => one.object === person && one.mailbox === owner && one.route === route.id,
  );
  return {
    place,
    work: work ?? null,
    plan: work ? plan({ ...work, now, lateness: { gatewayTimeoutMs, since: 0 } }) : null,
    isUsable: isUsable(needs, place),
    restsUntil: Math.max(folderRest(known, place), isResting ? (contact?.retryAt ?? 0) : 0),
  };
}

async function auditOf(
  { ledger: { audits } }: Explaining,
  { place, work }: At,
): Promise<Explanation['audit']> {
  if (!place) return { verified: null, healed: 0 };
  const record = (await audits.report()).find((one) => one.place === place.place);
  const healing = (await audits.healings(place.place)).find(
    ({ person, revision }) => person === work?.card.person && revision === work.card.revision,
  );
  return { verified: record?.verified ?? null, healed: healing?.times ?? 0 };
}

/** About the two as objects, about their contact and folder, and about all of the mailbox's slab. */
async function setbacksOf(
  { ledger }: Explaining,
  route: ActiveRoute,
  { person, owner, slab }: { person: string; owner: string; slab: number | null },
): Promise<Setback[]> {
  const all = await ledger.setbacks.latest(SETBACKS_AT_MOST);
  return all.filter(({ kind, tenant, mailbox, object, slab: where }) => {
    if (kind === 'folder' || kind === 'contact')
      return mailbox === owner && (object === null || object === person);
    if (where !== null)
      return tenant === route.targetTenant && where === slab && (object ?? person) === person;
    return (
      (tenant === route.sourceTenant && object === person) ||
      (tenant === route.targetTenant && object === owner)
    );
  });
}
