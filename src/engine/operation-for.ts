import type { Card } from '../model/card.ts';
import type { Plan } from './compare.ts';
import { ownedBy, type Needs } from './needs.ts';
import type { Work } from './pairs.ts';
import type { Operation } from './ports.ts';

/** What is sent for a plan. Throws when a body is missing that was to be proven. */
export function operationFor(
  needs: Needs,
  { work, plan, card }: { work: Work; plan: Sendable; card: Card | undefined },
): Operation {
  const at = { mailbox: work.place.owner, folder: work.place.folder ?? '', route: work.place.routeId };
  const mark = { route: work.place.routeId, identity: work.card.identity };
  const isLinked = work.link?.origin === 'linked';
  if (plan.kind === 'find') {
    const fields = ownedBy(needs, work.place.route);
    // An adopted item is known by its id alone: it may stand in any folder.
    if (isLinked && work.link?.item != null)
      return { ...at, kind: 'read', folder: null, item: work.link.item, fields };
    return { ...at, kind: 'find', mark, fields };
  }
  if (plan.kind === 'remove') {
    return isLinked
      ? { ...at, kind: 'unstamp', folder: null, item: plan.item }
      : { ...at, kind: 'remove', item: plan.item };
  }
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

type Sendable = Exclude<Plan, { kind: 'nothing' | 'confirm' | 'forget' | 'wait' }>;
