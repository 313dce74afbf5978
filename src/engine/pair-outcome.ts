import { lateUntil, PICTURE, type Lateness } from './compare.ts';
import { sharingRoute, type SharingRoute } from './contact-keys.ts';
import type { LinkRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { AskingPlan } from './operation-for.ts';
import { failed as failedLink, found, pictured, removed, written, type NextLink } from './outcome.ts';
import type { NewestEdit } from './book-port.ts';
import type { FoundItem, Operation, Outcome } from './ports.ts';
import type { Work } from './work.ts';

/** Where a failure names no time, the pair is tried again after this long. */
export const RETRY_MS = 2_000;

export interface Step {
  readonly work: Work;
  readonly plan: AskingPlan;
  readonly operation: Operation;
  /** A look before a contact that is shared is written over. */
  readonly peek: { readonly route: SharingRoute; readonly newest: NewestEdit | undefined } | null;
  /** The intent, when the step writes. */
  readonly planned: LinkRecord | null;
}

export interface Times {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly lateness: Lateness;
}

export interface Reading {
  readonly link: NextLink;
  readonly copies: readonly string[];
  readonly again: boolean;
  readonly waitUntil: number | null;
}

export function readOutcome(
  { needs, times }: { needs: Needs; times: Times },
  { work, plan, planned }: Step,
  outcome: Outcome,
): Reading {
  const { answeredAt: now, lateness } = times;
  const { card, wanted } = work;
  const context = { card, wanted, place: work.place.place, before: work.link, ...times };
  const settled = (link: NextLink): Reading => ({
    link,
    copies: [],
    again: false,
    waitUntil: link?.state === 'settling' || link?.state === 'released' ? lateUntil(link, lateness) : null,
  });
  if (outcome.kind === 'written') {
    const link = written(context, {
      item: outcome.item,
      origin: planned?.origin ?? 'created',
      // A mark alone leaves the rest as it was seen.
      fingerprint: work.peeked?.isStamp ? work.peeked.print : needs.fingerprint(outcome.card),
    });
    // What is not whole is no revision of the card.
    if (outcome.again !== undefined)
      return { ...settled({ ...link, fingerprint: null, revision: 0 }), waitUntil: outcome.again };
    return { ...settled(link), again: link.state === 'known' && link.photo !== work.card.photo };
  }
  if (outcome.kind === 'done' && plan.kind === 'picture') return settled(pictured(context));
  if (outcome.kind === 'showing' && work.link) {
    const photo = outcome.picture ? PICTURE.some : null;
    return { ...settled({ ...work.link, photo }), again: true };
  }
  if (outcome.kind === 'done') {
    const link = removed(context);
    // Whoever is wanted all the same is made anew.
    return { ...settled(link), again: link === null && work.wanted };
  }
  if (outcome.kind === 'items') {
    const { link: known, copies } = found(context, outcome.items, needs.fingerprint);
    // What reads otherwise may be an edit: the look before the next write tells.
    const isShared = sharingRoute(needs, work.place) !== null;
    const isDoubtful = wanted && known?.revision === 0 && isShared;
    // What stood there is gone: whether its owner deleted it is for a look at the place to say.
    if (isShared && wanted && known === null && work.link?.item != null) {
      const doubted: LinkRecord = { ...work.link, state: 'known', attempted: null, revision: 0 };
      return { link: doubted, copies: [], again: false, waitUntil: now + RETRY_MS };
    }
    const link = isDoubtful ? { ...known, fingerprint: null } : known;
    const waits = outcome.items.length === 0 && link !== null;
    const seconds = isShared ? twinsOf(needs, outcome.items, known) : copies;
    return { link, copies: seconds, again: !waits, waitUntil: waits ? lateUntil(link, lateness) : null };
  }
  if (outcome.kind !== 'fault' || plan.kind === 'find' || !planned) {
    const until = outcome.kind === 'fault' ? (outcome.fault.retryAt ?? now + RETRY_MS) : now + RETRY_MS;
    return { link: work.link, copies: [], again: false, waitUntil: until };
  }
  if (outcome.fault.kind === 'not-found' && plan.kind === 'patch' && sharingRoute(needs, work.place))
    // Whether its owner deleted it is for a look at the place to say.
    return { link: work.link, copies: [], again: false, waitUntil: now + RETRY_MS };
  const link = failedLink(context, planned, outcome.fault);
  const vanished = outcome.fault.kind === 'not-found' && planned.state === 'patching';
  const refused = isRefused(work, link) || (link === null && !vanished && planned.state === 'removing');
  const isMoved = link === null && planned.state === 'misplaced';
  const again = vanished || isMoved;
  const waitUntil = again || refused ? null : Math.max(outcome.fault.retryAt ?? 0, now + RETRY_MS);
  return { link, copies: [], again, waitUntil };
}

/** What an earlier write was told is no answer to this one. `next`: the link that this one leaves. */
export function isRefused({ link }: Pick<Work, 'link'>, next: NextLink): boolean {
  return next?.state === 'refused' && next !== link;
}

/** Where people keep their own, only what reads the same is a second one of ours: an owner may have copied it to make another. */
function twinsOf(
  { fingerprint }: Pick<Needs, 'fingerprint'>,
  items: readonly FoundItem[],
  kept: NextLink,
): readonly string[] {
  return items
    .filter(({ item, origin, card }) => {
      return item !== kept?.item && origin === 'created' && fingerprint(card) === kept?.fingerprint;
    })
    .map(({ item }) => item);
}
