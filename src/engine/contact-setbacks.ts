import type { Fault } from '../model/fault.ts';
import type { Plan } from './compare.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { Work } from './work.ts';
import type { Outcome } from './ports.ts';
import { subjectKey, type Failure, type Setback, type Subject } from './setback-book.ts';
import type { KnownSetbacks, Turn } from './turn.ts';
import { isRight } from './works.ts';

/** So many failures in a row are tried again at once; from then on the pair is left to the ledger's book. */
const TRIES_AT_ONCE = 2;
const SOON_MS = 2_000;
/** The first rest is this part of the one of a mailbox: a minute for an hour. */
const PART = 60;
const LONGEST_FACTOR = 24;

/** A pair whose operation failed; `refused`: for good, as far as this revision of the card goes. */
export interface FailedPair {
  readonly work: Work;
  readonly fault: Fault;
  readonly refused: boolean;
}

/**
 * Remembers failures that are about one contact alone. The first ones are repeated by the message or the fill that met
 * them; after that neither waits for it: the ledger brings it back, ever more slowly, and shows it meanwhile.
 */
export async function noteContacts(
  needs: Needs,
  turn: Turn,
  { failed, outcomes }: { failed: readonly FailedPair[]; outcomes: readonly Outcome[] },
): Promise<void> {
  const isOutage = outcomes.every(({ kind }) => kind === 'fault');
  const blamed = failed.filter(({ work, fault }) => isOwnFault(fault, isOutage && !setbackOf(turn, work)));
  if (blamed.length === 0) return;
  const at = needs.clock.now();
  const failureOf = ({ work, fault }: FailedPair): Failure => ({
    ...contactOf(turn, work),
    at,
    reason: [fault.kind, fault.code].filter(Boolean).join(': '),
    causes: [],
    event: 0,
  });
  const { setbacks } = needs.ledger;
  const refused = blamed.filter((one) => one.refused).map(failureOf);
  const others = blamed.filter((one) => !one.refused).map(failureOf);
  const noted = [
    ...(await setbacks.note(refused, () => null)),
    ...(await setbacks.note(others, (times) => contactRest(times, needs.timing.parkMs))),
  ];
  for (const one of noted) turn.setbacks.set(subjectKey(one), one);
  for (const { work } of blamed) leaveToBook(needs, turn, work);
}

function leaveToBook(needs: Needs, turn: Turn, work: Work): void {
  const setback = setbackOf(turn, work);
  if (!setback || setback.retryAt === null || setback.times <= TRIES_AT_ONCE) return;
  if (setback.times === TRIES_AT_ONCE + 1) {
    const { mailbox, route, object: person, reason } = setback;
    needs.log.tell('contact-failing', {
      mailbox,
      route,
      person,
      reason,
    });
  }
  // Where everything is to go, only the fill looks again.
  work.waitUntil = work.place.state === 'leaving' ? setback.retryAt : null;
}

/** This pair rests by the ledger's book: a fill passes it by. */
export function isLeftToBook(turn: KnownSetbacks, work: Pick<Work, 'card' | 'place'>, now: number): boolean {
  const setback = setbackOf(turn, work);
  return (
    setback !== undefined &&
    setback.times > TRIES_AT_ONCE &&
    work.place.state === 'active' &&
    (setback.retryAt ?? 0) > now
  );
}

/** Crosses out the pairs that are as they should be by now. */
export async function clearContacts(needs: Needs, turn: Turn, works: readonly Work[]): Promise<void> {
  if (turn.setbacks.size === 0) return;
  const right = works.filter((work) => setbackOf(turn, work) && isRight(work));
  if (right.length === 0) return;
  const subjects = right.map((work) => contactOf(turn, work));
  await needs.ledger.setbacks.clear(subjects);
  for (const subject of subjects) turn.setbacks.delete(subjectKey(subject));
}

function setbackOf(turn: KnownSetbacks, work: Pick<Work, 'card' | 'place'>): Setback | undefined {
  return turn.setbacks.size === 0 ? undefined : turn.setbacks.get(subjectKey(contactOf(turn, work)));
}

function contactOf(turn: KnownSetbacks, { card, place }: Pick<Work, 'card' | 'place'>): Subject {
  return { ...placeOf(turn, place), kind: 'contact', object: card.identity };
}

function placeOf({ tenant, slab }: KnownSetbacks, { owner: mailbox, routeId: route }: PlaceRecord) {
  return { tenant, slab, mailbox, route };
}

/** A service that is away fails everybody: only where others succeed, or did when this one failed first, it is about this one. */
function isOwnFault({ kind }: Fault, isOutage: boolean): boolean {
  return kind === 'conflict' || kind === 'invalid' || (kind === 'unknown-outcome' && !isOutage);
}

function contactRest(times: number, parkMs: number): number {
  if (times <= TRIES_AT_ONCE) return SOON_MS;
  return Math.min(LONGEST_FACTOR * parkMs, (parkMs / PART) * 2 ** (times - TRIES_AT_ONCE - 1));
}

export function reportFault(
  needs: Pick<Needs, 'log'>,
  { work, plan }: { readonly work: Work; readonly plan: Pick<Plan, 'kind'> },
  fault: Fault,
): void {
  const keys = {
    mailbox: work.place.owner,
    person: work.card.identity,
    route: work.place.routeId,
    plan: plan.kind,
    fault: fault.kind,
    code: fault.code,
  };
  if (fault.kind === 'invalid') needs.log.tell('contact-refused', keys);
  else needs.log.debug('write not confirmed', keys);
}
