import type { Card } from '../model/card.ts';
import type { Plan } from './compare.ts';
import { ownedBy, type Needs } from './needs.ts';
import type { Work } from './pairs.ts';
import type { Operation } from './ports.ts';

/** The plans that ask a mailbox for something. */
export type ActivePlan = Exclude<Plan, { kind: 'nothing' | 'confirm' | 'forget' | 'wait' }>;

/** A pair and what is to be asked for it, with what is to be written, proven to be current. */
interface Asked {
  readonly work: Work;
  readonly plan: ActivePlan;
  readonly card: Card | undefined;
  readonly jpeg: Uint8Array | undefined;
}

/** What the plan means in the words of the target. */
export function operationFor(needs: Pick<Needs, 'routes'>, { work, plan, card, jpeg }: Asked): Operation {
  const at = { mailbox: work.place.owner, folder: work.place.folder ?? '' };
  const mark = { route: work.place.routeId, identity: work.card.identity };
  const isLinked = work.link?.origin === 'linked';
  if (plan.kind === 'find') {
    const fields = ownedBy(needs, work.place.route);
    // An adopted item is known by its id alone: it may stand in any folder.
    if (isLinked && work.link?.item != null)
      return { ...at, kind: 'read', folder: null, item: work.link.item, route: mark.route, fields };
    return { ...at, kind: 'find', mark, fields };
  }
  if (plan.kind === 'remove') {
    return isLinked
      ? { ...at, kind: 'unstamp', folder: null, item: plan.item }
      : { ...at, kind: 'remove', item: plan.item };
  }
  if (plan.kind === 'picture' && jpeg)
    return { ...at, kind: 'picture', folder: isLinked ? null : at.folder, item: plan.item, jpeg };
  if (!card) throw new Error(`No proven body for person ${work.card.person}.`);
  return plan.kind === 'create'
    ? { ...at, kind: 'create', mark, card }
    : {
        ...at,
        kind: 'patch',
        folder: isLinked ? null : at.folder,
        item: plan.item,
        card,
        adopt: isLinked ? mark : null,
      };
}
