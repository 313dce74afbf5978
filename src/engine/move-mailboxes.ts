import type { MailboxRecord } from './mailbox-port.ts';
import type { Leaver } from './guard.ts';
import type { ActiveRoute, Needs } from './needs.ts';
import { fillMessage, writeMessage } from './send.ts';
import { roundWanted } from './turn.ts';

/** A mailbox that goes on receiving: a removal that was held or approved is void. */
export interface Staying {
  readonly route: ActiveRoute;
  readonly mailbox: MailboxRecord;
  /** A round over everybody looks at it, and its owner is shown: their own contact may have to come or go. */
  readonly looksAtOwn: boolean;
}

export interface Moves {
  readonly join: readonly { route: ActiveRoute; owner: string }[];
  readonly stay: readonly Staying[];
  readonly leave: readonly { removal: Leaver; released: boolean }[];
}

/** Mailboxes join and leave, and their slabs are asked to fill and to empty them. */
export async function moveMailboxes(needs: Needs, tenant: string, moves: Moves): Promise<void> {
  for (const [route, staying] of Map.groupBy(moves.stay, (one) => one.route)) {
    const owners = staying.map(({ mailbox }) => mailbox.owner);
    await needs.ledger.guard.release(route.job, 'mailbox', owners);
  }
  const slabs = new Set([...(await join(needs, tenant, moves)), ...(await leave(needs, tenant, moves))]);
  const at = needs.clock.now();
  // `unfilledSlabs` finds these places again should we crash before the send.
  const fills = [...slabs].map((slab) => fillMessage({ tenant, slab }, at));
  const own = moves.stay
    .filter(({ looksAtOwn }) => looksAtOwn)
    .map(({ mailbox: { owner, slab } }) =>
      writeMessage({ v: 1, kind: 'identity', tenant, slab, identity: owner, at }),
    );
  if (fills.length + own.length > 0) await needs.writes.send([...fills, ...own]);
}

async function join(needs: Needs, tenant: string, moves: Moves): Promise<number[]> {
  const { ledger } = needs;
  const slabs: number[] = [];
  for (const { route, owner } of moves.join) {
    await ledger.guard.release(route.job, 'mailbox', [owner]);
    const { key, first } = route;
    const seat =
      first === null
        ? await ledger.mailboxes.join(tenant, owner, key)
        : await ledger.mailboxes.joinFirst(tenant, owner, { route: key, first });
    if (seat) slabs.push(seat.slab);
  }
  return slabs;
}

/** Where a limited route had no room, somebody may have waited for it: who that is, only a round over everybody tells. */
async function leave(needs: Needs, tenant: string, moves: Moves): Promise<number[]> {
  const { ledger } = needs;
  const slabs: number[] = [];
  for (const { removal, released } of moves.leave) {
    if (!released) continue;
    const { route, subject } = removal;
    const wasFull = route.first !== null && (await ledger.places.count(route.key)) === route.first;
    // Before and after: a crash in between asks once more, and a round that ends in between cannot have seen the room.
    if (wasFull) await ledger.counters.add(roundWanted(tenant), 1);
    const slab = await ledger.mailboxes.leave(tenant, subject, route.key);
    if (wasFull) await ledger.counters.add(roundWanted(tenant), 1);
    if (slab !== null) slabs.push(slab);
  }
  return slabs;
}
