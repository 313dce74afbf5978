import type { Card } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { plan, type Plan } from './compare.ts';
import { removeCopies, type Copy } from './copies.ts';
import { clearContacts, noteContacts, reportFault, type FailedPair } from './contact-setbacks.ts';
import type { LinkRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { stampsOf, stamped } from './generation.ts';
import { operationFor } from './operation-for.ts';
import { intent } from './outcome.ts';
import { isRefused, readOutcome, RETRY_MS, type Step, type Times } from './pair-outcome.ts';
import { goOnEmptying } from './moves.ts';
import { newestOf } from './peek.ts';
import { leaveDoubtful, peekFor, settlePeeks, sharedWrite } from './peeks.ts';
import { provenPictures } from './pictures.ts';
import type { Outcome, Urgency } from './ports.ts';
import { provenBodies } from './proven-bodies.ts';
import { hasMoved, itemReferredTo, referredBy } from './references.ts';
import { noteTroubles, reopen, type Trouble } from './trouble.ts';
import { raise, type Turn } from './turn.ts';
import type { Work } from './work.ts';

/** Looking up, then creating, then putting a difference right are three rounds; one more for what a fault uncovered. */
const ROUNDS = 4;
/** Plans that have to know where the newest edit of a shared contact stands. */
const NEWEST: ReadonlySet<Plan['kind']> = new Set(['create', 'patch', 'move']);
/** That their item is not there says nothing of its folder. */
const MAY_BE_GONE: ReadonlySet<Plan['kind']> = new Set(['remove', 'patch', 'move']);
/** A write that waits for a fresh reading of its person. */
const STALE_MS = 15_000;

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
  put.push(...(await leaveDoubtful(needs, active)));
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
  const newest = await newestOf(
    needs,
    active.flatMap(({ work, plan }) => (NEWEST.has(plan.kind) ? work : [])),
  );
  const steps: Step[] = [];
  for (const { work, plan } of active) {
    const isLookedAt = plan.kind === 'patch' || plan.kind === 'move';
    const look = isLookedAt ? peekFor(needs, { work, newest }) : null;
    if (look) {
      steps.push({ work, plan, planned: null, ...look });
      continue;
    }
    const jpeg = pictures.get(`${work.card.route}|${work.card.person}`);
    const card = cardOf(work);
    if (((plan.kind === 'create' || plan.kind === 'patch') && !card) || (plan.kind === 'picture' && !jpeg)) {
      work.waitUntil = now + STALE_MS;
      continue;
    }
    const isLook = plan.kind === 'find' || plan.kind === 'look-at-picture';
    const planned = isLook ? null : intent(plan, { ...work, place: work.place.place }, now);
    if (planned) put.push(planned);
    const refersTo = card ? itemReferredTo(referred, { place: work.place.place, card }) : null;
    const shared = sharedWrite(needs, work, newest);
    const asked = operationFor(needs, { work, plan, card, refersTo, jpeg, shared });
    const operation = work.traces === undefined ? asked : { ...asked, traces: work.traces };
    steps.push({ work, plan, planned, peek: null, operation });
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
  const peeks = await settlePeeks(needs, { steps, outcomes, times });
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
    const read = peeks.get(step) ?? readOutcome({ needs, times }, step, outcome);
    // Seen once, it may be written over once.
    if (!peeks.has(step)) work.peeked = null;
    if (read.link) put.push(read.link);
    else drop.push(pairKey(work));
    for (const item of read.copies) copies.push({ place: work.place, item, identity: work.card.identity });
    if (outcome.kind === 'fault') {
      troubles.push({ place: work.place, outcome });
      failed.push({ work, fault: outcome.fault, refused: isRefused(work, read.link) });
      if (outcome.fault.kind === 'not-found' && !MAY_BE_GONE.has(step.plan.kind)) lost.push(work.place.place);
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
  await goOnEmptying(needs, turn, steps);
  await removeCopies(needs, turn, copies);
  return again;
}

function pairKey(work: Work): { person: number; place: number } {
  return { person: work.card.person, place: work.place.place };
}
