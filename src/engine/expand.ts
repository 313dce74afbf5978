import type { Card } from '../model/card.ts';
import type { Change } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import type { Provenance } from '../model/sync-tag.ts';
import type { Finding } from './changes.ts';
import { admitted, type Leaver } from './guard.ts';
import { isSure, judgeOwner, judgeShown, type Seen } from './judge.ts';
import type { CardFinding, CardRecord } from './ledger-port.ts';
import type { MailboxRecord } from './mailbox-port.ts';
import { isScopeKnown, UNKNOWN_SCOPE } from './membership.ts';
import { moveMailboxes, type Staying } from './move-mailboxes.ts';
import { portOf, type ActiveRoute, type Needs } from './needs.ts';
import { fanOut, isBehind, originsOf, type Origin } from './outbox.ts';
import { isPictureDue, photoLook } from './pictures.ts';
import { roomIn, type Room } from './room.ts';
import { urgencyOf } from './urgency.ts';

/** One person, as read a moment ago, beside what the ledger remembers. */
interface Subject extends Seen {
  readonly change: Change;
  /** So long after the last event that no replica is behind any more. */
  readonly isLastLook: boolean;
  readonly isKeptOut: boolean;
  readonly cards: readonly CardRecord[];
  readonly mailboxes: readonly MailboxRecord[];
}

interface Reading {
  readonly needs: Needs;
  /** Without those whose contacts are being taken back: a round over everybody comes when they are taken up again. */
  readonly routes: readonly ActiveRoute[];
  readonly tenant: string;
  readonly rooms: ReadonlyMap<number, Room>;
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What one reading asks for. Removals ask the guard first. */
interface Asked {
  readonly show: { route: ActiveRoute; identity: string; card: Card; provenance?: Provenance | undefined }[];
  readonly unhold: { route: ActiveRoute; identity: string }[];
  readonly removals: Removal[];
  readonly join: { route: ActiveRoute; owner: string }[];
  readonly stay: Staying[];
  readonly findings: Map<string, Finding>;
  /** People whose pictures are to be looked at. */
  readonly pictures: Set<string>;
}

/** Of somebody who is there, the card is known: should the guard hold the removal, updates go on. */
type Removal = Leaver & { readonly card: Card | null };

/**
 * Reads the changed people afresh and brings ledger and queue up to date: cards with a new revision, mailboxes that
 * join or leave, and one write per slab for every real difference. Doing it again finds nothing to do.
 */
export async function expand(needs: Needs, tenant: string, changes: readonly Change[]): Promise<Expanded> {
  const ids = changes.map((change) => change.id);
  const { ledger, halts } = needs;
  // Taken up again a moment ago, perhaps: the round over everybody that follows from it comes only once.
  if (needs.routes.some(({ id }) => halts.of(id) === 'reverting')) await halts.refresh();
  const routes = needs.routes.filter((route) => halts.of(route.id) !== 'reverting');
  const receiving = routes.filter((route) => route.targetTenant === tenant);
  const rooms = await roomIn(needs, receiving);
  const reading: Reading = { needs, routes, tenant, rooms, origins: originsOf(changes) };
  const sightings = await portOf(needs.sources, tenant).look(ids, urgencyOf(changes));
  const memberOf = await ledger.memberships.groupsOf(tenant, ids);
  const cards = Map.groupBy(await ledger.cards.of(tenant, ids), (card) => card.identity);
  const mailboxes = Map.groupBy(await ledger.mailboxes.of(tenant, ids), (mailbox) => mailbox.owner);
  const keptOut = await ledger.keptOut.among(tenant, ids);
  const now = needs.clock.now();
  const faults = new Map<string, Fault>();
  const asked: Asked = {
    show: [],
    unhold: [],
    removals: [],
    join: [],
    stay: [],
    findings: new Map(),
    pictures: new Set(),
  };
  for (const change of changes) {
    const sighting = sightings.get(change.id);
    if (!sighting) throw new Error(`The source gave no answer for ${change.id}.`);
    if (sighting.kind === 'unread') {
      faults.set(change.id, sighting.fault);
      continue;
    }
    const subject: Subject = {
      change,
      sighting,
      isLastLook: now - change.at >= needs.timing.secondLookMs[1],
      isKeptOut: keptOut.has(change.id),
      memberOf: memberOf.get(change.id) ?? new Set(),
      cards: cards.get(change.id) ?? [],
      mailboxes: mailboxes.get(change.id) ?? [],
    };
    // Somebody who cannot be found may be somebody who is new, and not yet known to the replica that answered.
    if (sighting.kind === 'absent' && !sighting.proven) note(asked, change.id, 'unproven');
    asShown(reading, subject, asked);
    asOwner(reading, subject, asked);
  }
  await demandKnownScope(reading, asked);
  await carryOut(reading, asked, [...cards.values()].flat());
  await countUnannounced(needs, changes, asked.findings);
  return { findings: asked.findings, faults };
}

/** What became of each object that was looked at. */
export interface Expanded {
  readonly findings: ReadonlyMap<string, Finding>;
  /** Objects that could not be read, by id: nothing was done about them. */
  readonly faults: ReadonlyMap<string, Fault>;
}

/**
 * Whoever is in no group may be in one that was not read yet: before every tracked group is known, nobody leaves, nobody
 * comes where a group keeps people out, and nothing is shown of which a group says that it must not be. Throws
 * `unavailable`, and nothing of this take is carried out.
 */
async function demandKnownScope({ needs, tenant }: Reading, asked: Asked): Promise<void> {
  const barred = [...asked.show, ...asked.join].some(({ route }) => route.barring.length > 0);
  const withheld = asked.show.some(({ route }) => route.groups.shape.length > 0);
  if (asked.removals.length === 0 && !barred && !withheld) return;
  if (!(await isScopeKnown(needs, tenant))) throw new Fault('unavailable', UNKNOWN_SCOPE);
}

/** The person as somebody to be shown. */
function asShown({ needs, routes, tenant }: Reading, subject: Subject, asked: Asked): void {
  const { change, sighting, memberOf, isKeptOut } = subject;
  for (const route of routes) {
    if (route.sourceTenant !== tenant) continue;
    const record = subject.cards.find((card) => card.route === route.key);
    const judged = judgeShown(needs, route, { sighting, memberOf, record, isKeptOut });
    if (judged.kind === 'none') continue;
    if (isPictureDue(route, record, { memberOf, causes: change.causes })) asked.pictures.add(change.id);
    const { card } = judged;
    if (judged.kind === 'leaves') leaver(asked, subject, { kind: 'person', route, subject: change.id, card });
    else {
      if (record?.state === 'held') asked.unhold.push({ route, identity: change.id });
      if (!judged.isNew) continue;
      const provenance = sighting.kind === 'present' ? sighting.person.provenance : undefined;
      asked.show.push({ route, identity: change.id, card: judged.card, provenance });
      note(asked, change.id, 'new');
    }
  }
}

/** The person as the owner of a mailbox that receives. */
function asOwner({ routes, tenant, rooms }: Reading, subject: Subject, asked: Asked): void {
  const { change, sighting, memberOf, mailboxes } = subject;
  for (const route of routes) {
    if (route.targetTenant !== tenant) continue;
    const mailbox = mailboxes.find((one) => one.routes.includes(route.key));
    const room = rooms.get(route.key);
    const judged = judgeOwner(route, { sighting, memberOf, owner: change.id, mailbox, room });
    if (judged === 'stays' && mailbox) {
      const own = subject.cards.some((card) => card.route === route.key && card.state === 'shown');
      asked.stay.push({ route, mailbox, looksAtOwn: own && change.causes.includes('configuration') });
    } else if (judged === 'joins') {
      asked.join.push({ route, owner: change.id });
      note(asked, change.id, 'new');
    } else if (judged === 'leaves') {
      leaver(asked, subject, { kind: 'mailbox', route, subject: change.id, card: null });
    }
  }
}

function leaver(asked: Asked, subject: Subject, removal: Removal): void {
  if (isSure(subject)) asked.removals.push(removal);
  else note(asked, subject.change.id, 'unproven');
}

function note(asked: Asked, id: string, finding: Finding): void {
  if (asked.findings.get(id) !== 'new') asked.findings.set(id, finding);
}

/** A difference that only a sweep found was never announced: the one sign of notifications that were lost. */
async function countUnannounced(
  needs: Needs,
  changes: readonly Change[],
  findings: Map<string, Finding>,
): Promise<void> {
  const found = changes.filter(
    (change) => findings.get(change.id) === 'new' && change.causes.every((cause) => cause === 'sweep'),
  );
  if (found.length === 0) return;
  await needs.ledger.counters.add('found by sweep', found.length);
  needs.log.tell('changes-unannounced', { count: found.length });
}

async function carryOut(
  { needs, tenant, origins }: Reading,
  asked: Asked,
  before: readonly CardRecord[],
): Promise<void> {
  const { ledger } = needs;
  for (const { route, identity } of asked.unhold) await ledger.guard.release(route.job, 'person', [identity]);
  const of = (kind: Leaver['kind']): Removal[] => asked.removals.filter((removal) => removal.kind === kind);
  const people = await admitted(needs, tenant, of('person'));
  const owners = await admitted(needs, tenant, of('mailbox'));
  const findings: CardFinding[] = asked.show.map(({ route, identity, card }) => ({
    identity,
    route: route.key,
    fingerprint: needs.fingerprint(card),
    state: 'shown',
    refersTo: card.managerId ?? null,
  }));
  const shaped = [...asked.show];
  for (const { removal, released } of people) {
    const record = before.find(
      (card) => card.identity === removal.subject && card.route === removal.route.key,
    );
    if (!record) continue;
    const { subject: identity, route, card } = removal;
    const state = released ? 'gone' : 'held';
    // The contacts of somebody who is held and cannot be read any more stay as they are.
    const print = released ? record.fingerprint : card ? needs.fingerprint(card) : '';
    if (record.state === state && record.fingerprint === print) continue;
    findings.push({
      identity,
      route: route.key,
      fingerprint: print,
      state,
      refersTo: card?.managerId ?? null,
    });
    note(asked, identity, 'new');
    if (!released && card) shaped.push({ route, identity, card });
  }
  // What is held already is nothing new, however often it is looked at.
  for (const { removal, released } of owners) if (released) note(asked, removal.subject, 'new');
  const recorded = findings.length > 0 ? await ledger.cards.record(tenant, findings) : [];
  for (const { route, identity, card, provenance } of shaped) {
    const record = recorded.find((one) => one.identity === identity && one.route === route.key);
    if (record) needs.bodies.remember(record, card, provenance);
  }
  if (asked.pictures.size > 0) {
    const now = needs.clock.now();
    await needs.changes.send(
      Array.from(asked.pictures, (id) => photoLook({ tenant, id, traces: origins.get(id)?.traces }, now)),
    );
  }
  // Cards of an earlier attempt that crashed before its writes were durable go out again with ours.
  const behind = before.filter((card) => isBehind(card, recorded));
  await fanOut(needs, [...recorded, ...behind], origins);
  await moveMailboxes(needs, tenant, { ...asked, leave: owners });
}
