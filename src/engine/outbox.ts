import { tracesOf, type Change } from '../model/change.ts';
import type { IdentityWrite } from '../model/write.ts';
import { letGo } from './exceptions.ts';
import type { CardRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { changeMessage, fillMessage, newChange, writeMessage } from './send.ts';
import { sendRested } from './setbacks.ts';

/** How much one statement or send carries at the most. */
const PORTION = 500;

/** Why an object is written anew, for figures and traces. */
export type Origin = Pick<IdentityWrite, 'announced' | 'traces'>;

/** When the notifications behind these changes arrived, where one told, and their threads: by object. */
export function originsOf(changes: readonly Change[]): ReadonlyMap<string, Origin> {
  return new Map(
    changes.map((change) => {
      const told = change.causes.includes('notification') ? { announced: change.at } : {};
      return [change.id, { ...told, traces: tracesOf(change) }];
    }),
  );
}

/**
 * One write per slab for each card, then `fannedOut = revision`. Nothing between ledger and queue can be lost: whoever
 * finds `fannedOut < revision` sends again, and a write that comes twice finds nothing to do.
 */
export async function fanOut(
  needs: Pick<Needs, 'ledger' | 'writes' | 'clock'>,
  cards: readonly CardRecord[],
  origins: ReadonlyMap<string, Origin> = new Map(),
): Promise<void> {
  if (cards.length === 0) return;
  const at = needs.clock.now();
  const slabs = new Map<number, { tenant: string; slab: number }[]>();
  for (const { route } of cards) {
    if (!slabs.has(route)) slabs.set(route, await needs.ledger.slabs.of(route));
  }
  const writes = new Map(
    cards.flatMap((card) =>
      (slabs.get(card.route) ?? []).map(({ tenant, slab }) => {
        const { identity } = card;
        const origin = origins.get(identity);
        const message = writeMessage({ v: 1, kind: 'identity', tenant, slab, identity, at, ...origin });
        return [message.mergeKey, message] as const;
      }),
    ),
  );
  const messages = [...writes.values()];
  for (let from = 0; from < messages.length; from += PORTION) {
    await needs.writes.send(messages.slice(from, from + PORTION));
  }
  await needs.ledger.cards.fannedOut(cards);
}

/** A card of before whose writes are not durable, and that is not among those recorded since. */
export function isBehind(card: CardRecord, recorded: readonly CardRecord[]): boolean {
  return (
    card.fannedOut < card.revision &&
    !recorded.some((one) => one.person === card.person && one.route === card.route)
  );
}

/** Sends whatever the ledger decided or kept and the queue does not have: after a crash, and every minute to be sure. */
export async function sendOutstanding(
  needs: Pick<Needs, 'ledger' | 'writes' | 'changes' | 'clock' | 'targets' | 'sources' | 'log' | 'timing'>,
): Promise<number> {
  await letGo(needs);
  await needs.ledger.guard.ripen(needs.clock.now());
  let sent = await sendRested(needs);
  for (;;) {
    const entries = await needs.ledger.outbox.read(PORTION);
    if (entries.length === 0) break;
    await needs.changes.send(entries.map((entry) => changeMessage(newChange(entry, entry.cause, entry.at))));
    await needs.ledger.outbox.sent(entries.map((entry) => entry.entry));
    sent += entries.length;
  }
  for (;;) {
    const cards = await needs.ledger.cards.unfinished(PORTION);
    if (cards.length === 0) break;
    await fanOut(needs, cards);
    sent += cards.length;
  }
  // What is left in a tenant that the configuration does not know waits until it is back (absent-tenant.ts).
  const slabs = (await needs.ledger.places.unfilledSlabs()).filter(({ tenant }) => needs.targets.has(tenant));
  const at = needs.clock.now();
  if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage(slab, at)));
  return sent + slabs.length;
}
