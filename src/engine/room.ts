import type { ActiveRoute, Needs } from './needs.ts';

/** A route that only so many mailboxes receive (`Route.first`). */
export interface Room {
  /** Mailboxes that may still join. */
  readonly left: number;
  /** Owners whose mailboxes joined after the first so many: the number was lowered. */
  readonly beyond: ReadonlySet<string>;
}

/**
 * How much room the tenant's limited routes have, by route key; a route without a limit is not in the answer. Whoever joined first
 * stays: the order is that of joining, which outlives restarts and never pushes a mailbox out because another came.
 */
export async function roomIn(
  { ledger }: Pick<Needs, 'ledger'>,
  routes: readonly ActiveRoute[],
): Promise<ReadonlyMap<number, Room>> {
  const rooms = new Map<number, Room>();
  for (const { key, first } of routes) {
    if (first === null) continue;
    const left = Math.max(0, first - (await ledger.places.count(key)));
    rooms.set(key, { left, beyond: new Set(left > 0 ? [] : await ledger.places.beyond(key, first)) });
  }
  return rooms;
}
