import type { Card, Fingerprint } from '../model/card.ts';
import type { Fault } from '../model/fault.ts';
import { lateUntil, PICTURE, type Lateness, type Plan } from './compare.ts';
import type { CardRecord, LinkRecord } from './ledger-port.ts';
import type { FoundItem, LinkOrigin } from './ports.ts';
import { mayBeApplied } from './settle.ts';

/** A link that is stored, or dropped (null). */
export type NextLink = LinkRecord | null;

/** The plans that change something in a mailbox. */
export type WritePlan = Extract<Plan, { kind: 'create' | 'patch' | 'picture' | 'move' | 'remove' }>;

const intended = {
  create: 'creating',
  patch: 'patching',
  picture: 'patching',
  // That it is to be made anew outlives the crash; what stands there is looked at before anything else.
  move: 'misplaced',
  remove: 'removing',
} as const;

/** The row that says "sent, outcome unknown"; durable before the write leaves the house. */
export function intent(
  plan: WritePlan,
  before: { card: CardRecord; place: number; link: LinkRecord | null },
  now: number,
): LinkRecord {
  return {
    person: before.card.person,
    place: before.place,
    item: plan.kind === 'create' ? null : plan.item,
    origin: plan.kind === 'create' ? 'created' : (before.link?.origin ?? 'created'),
    fingerprint: before.link?.fingerprint ?? null,
    revision: before.link?.revision ?? 0,
    state: intended[plan.kind],
    attempted: now,
    // Should the card lose its picture before the outcome is known, the item may show it all the same.
    photo: plan.kind === 'picture' ? PICTURE.unseen : (before.link?.photo ?? null),
  };
}

interface Context {
  readonly card: CardRecord;
  readonly place: number;
  /** The link as it was before the intent. */
  readonly before: LinkRecord | null;
  /** When it was sent (ms since 1970): what was true at the answer may not have been true at the look. */
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly lateness: Lateness;
}

/** A confirmed create or patch. Known, unless an earlier write of unknown outcome may still be applied on top of it. */
export function written(
  context: Context,
  { item, origin, fingerprint }: { item: string; origin: LinkOrigin; fingerprint: Fingerprint },
): LinkRecord {
  const unsettled = context.sentAt < lateUntil(context.before, context.lateness);
  return {
    person: context.card.person,
    place: context.place,
    item,
    origin,
    fingerprint,
    revision: context.card.revision,
    state: unsettled ? 'settling' : 'known',
    attempted: unsettled ? (context.before?.attempted ?? null) : null,
    photo: context.before?.photo ?? null,
  };
}

/** A confirmed removal. An original stays: what was sent to it before is not forgotten as long as it may still be applied. */
export function removed({ before, sentAt, lateness }: Context): NextLink {
  const isLate = before?.origin === 'linked' && sentAt < lateUntil(before, lateness);
  return isLate ? { ...before, state: 'released' } : null;
}

/** A confirmed picture: the fields are as they were. */
export function pictured({ card, before }: Context): NextLink {
  return before && { ...before, photo: card.photo };
}

/** What a failed write leaves: the intent where it may have been applied, the link from before where it surely was not. */
export function failed(context: Context, planned: LinkRecord, fault: Fault): NextLink {
  // It may have waited long before it left: the time in which it can be applied ends after the answer's.
  if (mayBeApplied(fault)) return { ...planned, attempted: context.answeredAt };
  const isRemoval = planned.state === 'removing' || planned.state === 'misplaced';
  if (fault.kind === 'not-found' && isRemoval) return null;
  // The item is not in its folder any more: it is looked for by its mark before another is created, also after a crash.
  if (fault.kind === 'not-found' && planned.state === 'patching') {
    return { ...planned, item: null, attempted: context.before?.attempted ?? null };
  }
  if (fault.kind !== 'invalid') return fault.isPartial ? uncertain(context.before) : context.before;
  return { ...planned, state: 'refused', revision: context.card.revision, attempted: null };
}

/** What stands there is neither as before nor as it was to be: it is written again, also where the card is the one of before by then. */
function uncertain(before: LinkRecord | null): NextLink {
  return before && { ...before, fingerprint: null, revision: 0 };
}

/** What a look-up by mark says: the item that stays linked, and copies of our own mark that go. */
export function found(
  context: Context & { readonly wanted: boolean },
  items: readonly FoundItem[],
  fingerprint: (card: Card) => Fingerprint,
): { link: NextLink; copies: readonly string[] } {
  const kept = items.find((one) => one.item === context.before?.item) ?? items[0];
  if (!kept) {
    // Not there now; while the write may still be applied late, creating it again could make a second one.
    const late = context.sentAt < lateUntil(context.before, context.lateness);
    return { link: late ? context.before : null, copies: [] };
  }
  const print = fingerprint(kept.card);
  const looksRight =
    print === context.card.fingerprint ||
    (print === context.before?.fingerprint && context.before.revision === context.card.revision);
  // Written once more, when nothing can arrive any more that was sent before, it is right by its own answer.
  const right = looksRight && kept.mayBeBehind !== true;
  const copies = items.filter((one) => one !== kept).map((one) => one.item);
  const link: LinkRecord = {
    ...written(context, { item: kept.item, origin: kept.origin, fingerprint: print }),
    revision: right ? context.card.revision : 0,
    ...(kept.mayBeBehind === true && context.wanted ? { fingerprint: null } : {}),
    // A picture of before may have been applied late; which one stands there cannot be told, so it is written again.
    photo: context.card.photo === null ? (context.before?.photo ?? null) : null,
  };
  // Looked at once more later: the removal of a copy may fail without a trace in the ledger.
  return {
    link: copies.length > 0 ? { ...link, state: 'settling', attempted: context.answeredAt } : link,
    copies,
  };
}
