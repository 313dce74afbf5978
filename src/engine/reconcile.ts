import { toldOf } from '../kit/told.ts';
import { tracesBehind, type Write } from '../model/write.ts';
import { putAside } from './absent-tenant.ts';
import { awaitsAdoption } from './adoption.ts';
import { auditTurn } from './audit.ts';
import { fillTurn } from './fill.ts';
import { BEACONS, closeTurn } from './generation.ts';
import type { PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { settlePairs } from './pairs.ts';
import type { Work } from './work.ts';
import type { Delivery, Received, Verdict } from './queue-port.ts';
import { fillMessage } from './send.ts';
import { noteFailing, noteHandled, noteVerdicts } from './setbacks.ts';
import { isSuspect, settle } from './settle.ts';
import { tallied } from './tally.ts';
import { isOurs, openTurn, type Given, type Turn } from './turn.ts';
import { isRight, worksIn } from './works.ts';

/** Pairs of one turn, at most: bounds memory. */
const PAIRS_A_TURN = 4_000;
/** Where the target is busy a turn takes this many: whoever waits behind it waits for a second or so. */
const PAIRS_WHEN_BUSY = 1_000;
/** A turn takes what the target sends at once, twice: one batch after the other in every slot, then the next turn's go. */
const ROUNDS_A_TURN = 2;
/** What the target takes in one go, and what of one mailbox fits in it without a remainder. */
const CALLS_A_BATCH = 20;
const SHARES_OF_A_BATCH = [10, 5, 4, 2, 1];
/** When no folder took the generation, it is tried again after this long. */
const STAMP_RETRY_MS = 1_000;

/**
 * Handles everything that was drained for one slab: identities first, since a live change never waits behind a fill,
 * then one turn each of the audit and the fill. Settles the delivery; nothing that is not right yet is given up.
 * When `stop` aborts, what was sent is brought to its end and nothing more is begun.
 */
export async function reconcile(needs: Needs, delivery: Delivery<Write>, stop: AbortSignal): Promise<void> {
  const suspect = delivery.messages.find(isSuspect);
  const messages = suspect ? [suspect] : delivery.messages;
  const verdicts = new Map<string, Verdict>();
  for (const { id } of delivery.messages)
    if (suspect && id !== suspect.id) verdicts.set(id, { kind: 'untouched' });
  try {
    const isFruitless = await work(needs, { delivery: { ...delivery, messages }, stop }, verdicts);
    if (isFruitless) noteFailing(needs, messages);
    else noteHandled(needs, messages);
  } catch (error) {
    const { tenant, slab } = messages[0]?.body ?? {};
    needs.log.tell('writes-unfinished', { tenant, slab, error: toldOf(error) });
    noteFailing(needs, messages);
    for (const message of messages)
      verdicts.set(message.id, settle(error, message.attempts, needs.clock.now()));
  }
  await noteVerdicts(needs, messages, verdicts);
  await needs.writes.settle(delivery, verdicts);
}

/** Returns whether it was to no avail, and is to be tried again. */
async function work(needs: Needs, given: Given, verdicts: Map<string, Verdict>): Promise<boolean> {
  const { messages } = given.delivery;
  const [first] = messages;
  if (!first) return false;
  if (!needs.targets.has(first.body.tenant)) {
    await putAside(needs, first.body);
    for (const { id } of messages) verdicts.set(id, { kind: 'done' });
    return false;
  }
  const counted = tallied(needs, first.body.tenant);
  const turn = await openTurn(counted.needs, given, first.body);
  await take(counted.needs, turn, verdicts);
  return counted.tally.isFruitless(turn);
}

/** Live changes first, then a portion of the audit and of the fill. */
async function take(needs: Needs, turn: Turn, verdicts: Map<string, Verdict>): Promise<void> {
  const { messages } = turn.delivery;
  if (messages.some((message) => message.body.kind === 'identity')) await leaveForLater(needs, turn);
  await liveTurn(needs, turn, { messages, verdicts });
  const audit = messages.find((message) => message.body.kind === 'audit');
  if (audit) {
    const resume = await auditTurn(needs, turn);
    verdicts.set(audit.id, resume === null ? { kind: 'done' } : later(needs, resume));
  }
  const fill = messages.find((message) => message.body.kind === 'fill');
  if (fill) {
    const resume = await fillTurn(needs, turn);
    verdicts.set(fill.id, resume === null ? { kind: 'done' } : later(needs, resume));
  } else if (turn.reopened) {
    await needs.writes.send([fillMessage(turn, needs.clock.now())]);
  }
  // The generation must stand in a folder before anything counts as done. What goes on anyway need not wait for it: two
  // folders that ask for ten minutes would hold up two hundred.
  const ended = messages.filter(({ id }) => !GOES_ON.has(verdicts.get(id)?.kind));
  if (ended.length === 0 || (await closeTurn(needs, turn))) return;
  for (const { id } of ended) verdicts.set(id, later(needs, needs.clock.now() + STAMP_RETRY_MS));
}

const GOES_ON: ReadonlySet<Verdict['kind'] | undefined> = new Set<Verdict['kind']>(['later', 'untouched']);

/**
 * What passes a place by is found by its fill when its route goes on; the message need not wait for that. Exactly those places
 * are marked that the turn left out, also where a fill has come half-way: it may be past the person already.
 */
async function leaveForLater(needs: Needs, turn: Turn): Promise<void> {
  const missing = turn.passedBy.filter(
    ({ state, filled, cursor }) => state === 'active' && (filled || cursor > 0),
  );
  if (missing.length === 0) return;
  await needs.ledger.places.restart(
    missing.map(({ place }) => place),
    'people',
  );
  // Taken up again meanwhile: who looked then for what is to be filled may have looked too early.
  if (missing.some((place) => isOurs(needs, place)))
    await needs.writes.send([fillMessage(turn, needs.clock.now())]);
}

function later(needs: Needs, at: number): Verdict {
  return { kind: 'later', delayMs: Math.max(0, at - needs.clock.now()), countAttempt: false };
}

async function liveTurn(
  needs: Needs,
  turn: Turn,
  { messages, verdicts }: { messages: readonly Received<Write>[]; verdicts: Map<string, Verdict> },
): Promise<void> {
  const byIdentity = new Map<string, Received<Write>[]>();
  for (const message of messages) {
    if (message.body.kind !== 'identity') continue;
    byIdentity.set(message.body.identity, [...(byIdentity.get(message.body.identity) ?? []), message]);
  }
  const waiting = [...byIdentity.keys()];
  if (waiting.length === 0) return;
  const identities = waiting.slice(0, await identitiesATurn(needs, turn));
  // The slab is held for a while only: what does not fit keeps its place before what comes meanwhile.
  for (const identity of waiting.slice(identities.length)) {
    for (const message of byIdentity.get(identity) ?? []) verdicts.set(message.id, { kind: 'untouched' });
  }
  const works = await worksOf(needs, turn, identities);
  noteTraces(works, byIdentity);
  await settlePairs(needs, turn, { works: works.filter((one) => one.waitUntil === null), urgency: 'live' });
  const waits = earliestWaits(works);
  for (const identity of identities) {
    const until = waits.get(identity);
    for (const message of byIdentity.get(identity) ?? []) {
      verdicts.set(message.id, until === undefined ? { kind: 'done' } : later(needs, until));
    }
  }
}

/** So that the record of what is sent tells on whose behalf, and a batch which writes it carries. */
function noteTraces(
  works: readonly Work[],
  byIdentity: ReadonlyMap<string, readonly Received<Write>[]>,
): void {
  for (const work of works) {
    const messages = byIdentity.get(work.card.identity) ?? [];
    const traces = messages.flatMap(({ body }) => tracesBehind(body));
    if (traces.length > 0) work.traces = [...new Set(traces)];
  }
}

/**
 * As many as keep every slot of the target busy for a round or two; at least one. A mailbox gets one call for each, and what
 * fits into batches without a remainder is done first: a mailbox that is split over two batches waits for the first.
 */
async function identitiesATurn(needs: Needs, turn: Turn): Promise<number> {
  const { operations } = await portOf(needs.targets, turn.tenant).spare();
  const pairs = operations === 0 ? PAIRS_WHEN_BUSY : ROUNDS_A_TURN * operations - BEACONS;
  const most = Math.floor(Math.min(PAIRS_A_TURN, pairs) / Math.max(1, turn.places.length));
  const whole = most - (most % CALLS_A_BATCH);
  return whole > 0 ? whole : (SHARES_OF_A_BATCH.find((share) => share <= most) ?? 1);
}

function earliestWaits(works: readonly Work[]): Map<string, number> {
  const waits = new Map<string, number>();
  for (const { card, waitUntil } of works) {
    if (waitUntil !== null)
      waits.set(card.identity, Math.min(waits.get(card.identity) ?? Infinity, waitUntil));
  }
  return waits;
}

/** Every pair of these identities in the slab's open places. A place that is not open is its fill's business. */
async function worksOf(needs: Needs, turn: Turn, identities: readonly string[]): Promise<Work[]> {
  const view = await needs.ledger.links.inSlab(turn.tenant, turn.slab, identities);
  const now = needs.clock.now();
  const works: Work[] = [];
  for (const work of worksIn(
    needs,
    view,
    turn.places.filter((one) => !turn.passedBy.includes(one) && isUsable(needs, one)),
  )) {
    const { notBefore } = work.place;
    // A mailbox which asked to wait keeps nobody waiting who is right there.
    if (notBefore > now && !isRight(work)) work.waitUntil = notBefore;
    if (notBefore <= now || work.waitUntil !== null) works.push(work);
  }
  return works;
}

/** Open, believed, and not to be looked through first: live changes go in at once. */
export function isUsable(needs: Pick<Needs, 'routes'>, place: PlaceRecord): boolean {
  const isOpen = place.folder !== null && place.trusted && place.state === 'active';
  return isOpen && place.mailboxState === 'ready' && !awaitsAdoption(needs, place);
}
