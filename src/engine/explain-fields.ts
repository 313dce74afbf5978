import { changedFields, type Card, type CardField } from '../model/card.ts';
import type { Fault } from '../model/fault.ts';
import type { AsShown } from './judge.ts';
import { portOf, type ActiveRoute, type Needs } from './needs.ts';
import { operationFor } from './operation-for.ts';
import type { Work } from './work.ts';

/** What an explanation is made from. */
export type Explaining = Pick<
  Needs,
  'ledger' | 'routes' | 'fingerprint' | 'halts' | 'clock' | 'timing' | 'sources' | 'targets'
>;

/** Names of fields, never what is in them. */
export interface Fields {
  /** That the person fills. */
  readonly filled: readonly CardField[];
  /** That the route owns and that stay empty. */
  readonly empty: readonly CardField[];
  /** By an opt-out; `photo` for the picture. */
  readonly withheld: readonly string[];
  readonly found: FoundContact;
}

/** What stands in the mailbox, read a moment ago. */
export type FoundContact =
  | { readonly kind: 'not looked' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'there'; readonly items: number; readonly differing: readonly CardField[] }
  | { readonly kind: 'unread'; readonly fault: Fault };

/** Which fields the person fills, and how the contact that stands there differs from that. */
export async function fieldsOf(
  needs: Explaining,
  route: ActiveRoute,
  {
    judged,
    work,
    memberOf,
  }: { readonly judged: AsShown | null; readonly work: Work | null; readonly memberOf: ReadonlySet<string> },
): Promise<Fields> {
  const card = judged && judged.kind !== 'none' ? judged.card : null;
  const filled = card ? changedFields({}, card) : [];
  const withheld = route.withheld(memberOf);
  const ours = new Set<string>([...route.owns, ...(route.photo ? ['photo'] : [])]);
  return {
    filled,
    empty: card ? route.owns.filter((name) => !filled.includes(name)) : [],
    withheld: [...withheld].filter((name) => ours.has(name)),
    found: await find(needs, route, { work, card }),
  };
}

/** Looks at the contact itself, as a worker does who has to know. */
async function find(
  needs: Explaining,
  route: ActiveRoute,
  { work, card }: { readonly work: Work | null; readonly card: Card | null },
): Promise<FoundContact> {
  const { place } = work ?? {};
  if (!work || !place?.folder || place.mailboxState !== 'ready') return { kind: 'not looked' };
  const asked = operationFor(needs, {
    work,
    plan: { kind: 'find' },
    card: undefined,
    refersTo: null,
    jpeg: undefined,
  });
  const [outcome] = await portOf(needs.targets, route.targetTenant).apply([asked], 'live');
  if (outcome?.kind === 'fault') return { kind: 'unread', fault: outcome.fault };
  if (outcome?.kind !== 'items') return { kind: 'not looked' };
  const items = outcome.items.filter(({ identity }) => identity === work.card.identity);
  const [item] = items;
  if (!item) return { kind: 'missing' };
  return { kind: 'there', items: items.length, differing: card ? changedFields(item.card, card) : [] };
}
