import type { Card } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { lateUntil, plan, type Lateness, type Plan } from './compare.ts';
import { removeCopies, type Copy } from './copies.ts';
import { clearContacts, noteContacts, reportFault, type FailedPair } from './contact-setbacks.ts';
import type { CardRecord, LinkRecord, PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { stampsOf, stamped } from './generation.ts';
import { operationFor, type AskingPlan } from './operation-for.ts';
import { failed as failedLink, found, intent, pictured, written, type NextLink } from './outcome.ts';
import { provenPictures } from './pictures.ts';
import type { Operation, Outcome, Urgency } from './ports.ts';
import { provenBodies } from './proven-bodies.ts';
import { hasMoved, itemReferredTo, referredBy } from './references.ts';
import { noteTroubles, reopen, type Trouble } from './trouble.ts';
import { raise, type Turn } from './turn.ts';

/** One identity in one place, worked on until it is right or has to wait. */
export interface Work {
  readonly place: PlaceRecord;
  readonly card: CardRecord;
  readonly wanted: boolean;
  link: LinkRecord | null;
  /** Milliseconds since 1970 when it is worth looking at again; null when nothing is left to do. */
  waitUntil: number | null;
}

/** Looking up, then creating, then putting a difference right are three rounds; one more for what a fault uncovered. */
const ROUNDS = 4;
/** Where a failure names no time, the pair is tried again after this long. */
const RETRY_MS = 2_000;
/** A write that waits for a fresh reading of its person. */
const STALE_MS = 15_000;

interface Step {
  readonly work: Work;
  readonly plan: AskingPlan;
  readonly operation: Operation;
  /** The intent, when the step writes. */
  readonly planned: LinkRecord | null;
}

/** `stamps`: the turn's stamps go along; they do unless said otherwise. */
type Sending = { readonly urgency: Urgency; readonly stamps?: boolean };

/** Brings every pair of the turn to what its card says; afterwards each knows whether and until when it waits. */
export async function settlePairs(
  needs: Needs,
  turn: Turn,
  { works, ...sending }: Sending & { works: readonly Work[] },
): Promise<void> {
  let open = works;
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const steps = await prepare(needs, turn, open);
    if (steps.length === 0) return clearContacts(needs, turn, works);
    const sentAt = needs.clock.now();
    const outcomes = await send(needs, turn, { steps, ...sending });
    open = await conclude(needs, turn, { steps, outcomes, sentAt });
  }
  const now = needs.clock.now();
  for (const work of open) work.waitUntil ??= now + RETRY_MS;
  await clearContacts(needs, turn, works);
}

/** Plans every pair, proves the bodies of what is to be written, and records every write as unknown before it is sent. */
async function prepare(needs: Needs, turn: Turn, works: readonly Work[]): Promise<Step[]> {
  const now = needs.clock.now();
  const put: LinkRecord[] = [];
  const drop: { person: number; place: number }[] = [];
  const active: { work: Work; plan: Step['plan'] }[] = [];
  for (const work of works) {
    work.waitUntil = null;
    const planned = (): Plan => plan({ ...work, now, lateness: turn.lateness });
    let next = planned();
    if (next.kind === 'confirm' && work.link) {
      const { revision, photo } = work.card;
      // A picture that cannot be taken away is its owner's from here on.
      put.push((work.link = { ...work.link, revision, photo: photo === null ? null : work.link.photo }));
      next = planned();
    }
    if (next.kind === 'forget') {
      drop.push(pairKey(work));
      work.link = null;
    } else if (next.kind === 'wait') work.waitUntil = next.until;
    else if (next.kind !== 'nothing' && next.kind !== 'confirm') active.push({ work, plan: next });
  }
  const bodies = await provenBodies(
    needs,
    active.flatMap(({ work, plan }) => (plan.kind === 'create' || plan.kind === 'patch' ? work.card : [])),
  );
  const pictures = await provenPictures(
    needs,
    active.flatMap(({ work, plan }) => (plan.kind === 'picture' ? work.card : [])),
  );
  const cardOf = ({ card }: Work): Card | undefined => bodies.get(`${card.route}|${card.person}`);
  const referred = await referredBy(
    needs,
    turn,
    active.flatMap(({ work }) => {
      const card = cardOf(work);
      return card ? { place: work.place.place, card } : [];
    }),
  );
  const steps: Step[] = [];
  for (const { work, plan } of active) {
    const jpeg = pictures.get(`${work.card.route}|${work.card.person}`);
    const card = cardOf(work);
    if (((plan.kind === 'create' || plan.kind === 'patch') && !card) || (plan.kind === 'picture' && !jpeg)) {
      work.waitUntil = now + STALE_MS;
      continue;
    }
    const planned = plan.kind === 'find' ? null : intent(plan, { ...work, place: work.place.place }, now);
    if (planned) put.push(planned);
    const refersTo = card ? itemReferredTo(referred, { place: work.place.place, card }) : null;
    steps.push({ work, plan, planned, operation: operationFor(needs, { work, plan, card, refersTo, jpeg }) });
  }
  if (steps.some((step) => step.planned !== null)) await raise(needs, turn, { put, drop });
  else if (put.length > 0 || drop.length > 0) await needs.ledger.links.save({ put, drop });
  return steps;
}

async function send(
  needs: Needs,
  turn: Turn,
  { steps, urgency, stamps: mayStamp = true }: Sending & { steps: readonly Step[] },
): Promise<Outcome[]> {
  const isStamping = mayStamp && steps.some((step) => step.planned);
  const stamps = isStamping ? stampsOf(turn, needs.clock.now()) : [];
  const operations = [...stamps, ...steps].map(({ operation }) => operation);
  const outcomes = await portOf(needs.targets, turn.tenant).apply(operations, urgency);
  if (stamps.length > 0) await stamped(needs, turn, { stamps, outcomes });
  return outcomes.slice(stamps.length);
}

/** Stores what the answers say; returns the pairs that have a next step at once. */
async function conclude(
  needs: Needs,
  turn: Turn,
  { steps, outcomes, sentAt }: { steps: readonly Step[]; outcomes: readonly Outcome[]; sentAt: number },
): Promise<Work[]> {
  const times: Times = { sentAt, answeredAt: needs.clock.now(), lateness: turn.lateness };
  const put: LinkRecord[] = [];
  const drop: { person: number; place: number }[] = [];
  const again: Work[] = [];
  const troubles: Trouble[] = [];
  const failed: FailedPair[] = [];
  const lost: number[] = [];
  const moved: { person: number; place: number }[] = [];
  const copies: Copy[] = [];
  steps.forEach((step, index) => {
    const { work } = step;
    const outcome = outcomes[index] ?? { kind: 'fault', fault: new Fault('unknown-outcome', 'no outcome') };
    const read = readOutcome({ needs, times }, step, outcome);
    if (read.link) put.push(read.link);
    else drop.push(pairKey(work));
    for (const item of read.copies) copies.push({ place: work.place, item });
    if (outcome.kind === 'fault') {
      troubles.push({ place: work.place, outcome });
      failed.push({ work, fault: outcome.fault, refused: read.link?.state === 'refused' });
      if (outcome.fault.kind === 'not-found' && step.plan.kind !== 'remove' && step.plan.kind !== 'patch')
        lost.push(work.place.place);
      reportFault(needs, step, outcome.fault);
    }
    if (hasMoved(needs, work, read.link)) moved.push(pairKey(work));
    work.link = read.link;
    work.waitUntil = read.waitUntil;
    if (read.again) again.push(work);
  });
  await needs.ledger.links.save({ put, drop, moved });
  if (moved.length > 0) turn.reopened = true;
  await noteTroubles(needs, turn.tenant, troubles);
  await noteContacts(needs, turn, { failed, outcomes });
  await reopen(needs, lost);
  if (lost.length > 0) turn.reopened = true;
  await removeCopies(needs, turn, copies);
  return again;
}

interface Times {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly lateness: Lateness;
}

interface Reading {
  readonly link: NextLink;
  readonly copies: readonly string[];
  readonly again: boolean;
  readonly waitUntil: number | null;
}

function readOutcome(
  { needs, times }: { needs: Needs; times: Times },
  { work, plan, planned }: Step,
  outcome: Outcome,
): Reading {
  const { answeredAt: now, lateness } = times;
  const context = { card: work.card, place: work.place.place, before: work.link, ...times };
  const settled = (link: NextLink): Reading => ({
    link,
    copies: [],
    again: false,
    waitUntil: link?.state === 'settling' ? lateUntil(link, lateness) : null,
  });
  if (outcome.kind === 'written') {
    const link = written(context, {
      item: outcome.item,
      origin: planned?.origin ?? 'created',
      fingerprint: needs.fingerprint(outcome.card),
    });
    // What is not whole is no revision of the card.
    if (outcome.again !== undefined)
      return { ...settled({ ...link, fingerprint: null, revision: 0 }), waitUntil: outcome.again };
    return { ...settled(link), again: link.state === 'known' && link.photo !== work.card.photo };
  }
  if (outcome.kind === 'done' && plan.kind === 'picture') return settled(pictured(context));
  // Whoever is wanted all the same is made anew.
  if (outcome.kind === 'done') return { ...settled(null), again: work.wanted };
  if (outcome.kind === 'items') {
    const { link, copies } = found(context, outcome.items, needs.fingerprint);
    const waits = outcome.items.length === 0 && link !== null;
    return { link, copies, again: !waits, waitUntil: waits ? lateUntil(link, lateness) : null };
  }
  if (outcome.kind !== 'fault' || plan.kind === 'find' || !planned) {
    const until = outcome.kind === 'fault' ? (outcome.fault.retryAt ?? now + RETRY_MS) : now + RETRY_MS;
    return { link: work.link, copies: [], again: false, waitUntil: until };
  }
  const link = failedLink(context, planned, outcome.fault);
  const vanished = outcome.fault.kind === 'not-found' && planned.state === 'patching';
  const refused = link?.state === 'refused' || (link === null && !vanished && planned.state === 'removing');
  const waitUntil = vanished || refused ? null : Math.max(outcome.fault.retryAt ?? 0, now + RETRY_MS);
  return { link, copies: [], again: vanished, waitUntil };
}

function pairKey(work: Work): { person: number; place: number } {
  return { person: work.card.person, place: work.place.place };
}
