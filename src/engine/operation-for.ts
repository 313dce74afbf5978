import type { Card } from '../model/card.ts';
import type { Plan } from './compare.ts';
import { ownedBy, type Needs } from './needs.ts';
import { unstampOf } from './unstamp.ts';
import type { Work } from './work.ts';
import type { Operation } from './ports.ts';
import type { SharedWrite } from './shared-port.ts';

/** The plans that ask something of the service. */
export type AskingPlan = Exclude<Plan, { kind: 'nothing' | 'confirm' | 'forget' | 'wait' }>;

interface Asking {
  readonly work: Pick<Work, 'place' | 'card' | 'link' | 'peeked'>;
  readonly plan: AskingPlan;
  /** The proven body, where one is to be written. */
  readonly card: Card | undefined;
  /** The item of whomever the card names, in this place. */
  readonly refersTo: string | null;
  /** The proven picture, where one is to be written. */
  readonly jpeg: Uint8Array | undefined;
  /** What goes along into a contact that is shared. */
  readonly shared?: SharedWrite;
}

/** What a plan asks of the service. An adopted item is known by its id alone, since it may stand in any folder. */
export function operationFor(
  needs: Pick<Needs, 'routes'>,
  { work, plan, card, refersTo, jpeg, shared = {} }: Asking,
): Operation {
  const { place, link } = work;
  const isLinked = link?.origin === 'linked';
  const isStamp = work.peeked?.isStamp ?? false;
  const mailbox = place.owner;
  const route = place.routeId;
  const here = { mailbox, route, folder: place.folder ?? '' };
  const wherever = { mailbox, route, folder: null };
  const mark = { route, identity: work.card.identity };
  if (plan.kind === 'find') {
    const fields = ownedBy(needs, place.route);
    return isLinked && link.item !== null
      ? { ...wherever, kind: 'read', item: link.item, fields }
      : { ...here, kind: 'find', mark, fields };
  }
  if (plan.kind === 'remove' || plan.kind === 'move') {
    const { item } = plan;
    const gone = place.state === 'active';
    const { identity } = mark;
    return isLinked
      ? unstampOf(needs, place, { item, gone, identity })
      : { ...here, kind: 'remove', item, identity };
  }
  if (plan.kind === 'look-at-picture')
    return { ...(isLinked ? wherever : here), kind: plan.kind, item: plan.item };
  if (plan.kind === 'picture' && jpeg)
    return {
      ...(isLinked ? wherever : here),
      kind: 'picture',
      item: plan.item,
      jpeg,
      identity: mark.identity,
    };
  if (!card) throw new Error(`No proven body for person ${work.card.person}.`);
  if (plan.kind === 'create') return { ...here, kind: 'create', mark, card, refersTo, ...shared };
  const at = isLinked ? { ...wherever, adopt: mark } : { ...here, adopt: null };
  return { ...at, ...shared, kind: 'patch', item: plan.item, card: isStamp ? {} : card, mark, refersTo };
}
