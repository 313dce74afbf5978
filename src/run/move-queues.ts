import type { Ledger } from '../engine/ledger-port.ts';
import type { Delivery, Outgoing, Queue, Verdict } from '../engine/queue-port.ts';
import { changeMessage, fillMessage, writeMessage } from '../engine/send.ts';
import type { Clock } from '../kit/clock.ts';
import { slept } from '../kit/loop.ts';
import type { Change } from '../model/change.ts';
import { writeKey, type Write } from '../model/write.ts';
import type { Stores } from './stores.ts';

type Queues = Pick<Stores, 'changes' | 'writes'>;

const TAKE = { keys: 100, messages: 64 };
/** Buckets of a bus are taken over a few at a time. */
const LOOK_MS = 250;
/** When nothing came for so long, nothing is due. */
const PATIENCE_MS = 15_000;

export interface Carried {
  readonly messages: number;
  /** Work that the source keeps for later and gives to nobody before. */
  readonly left: number;
}

/**
 * Carries what waits from one pair of queues to another: first it is stored there, then it is taken from here, so that a crash in
 * between carries it twice and loses nothing. Delays are not kept: whoever looks early looks again.
 */
export async function carryMessages(from: Queues, to: Queues, clock: Clock): Promise<Carried> {
  const changes = await carry(from.changes, to.changes, { toMessage: changeMessage, clock });
  const writes = await carry(from.writes, to.writes, { toMessage: writeMessage, clock });
  const depths = [await from.changes.depth(), await from.writes.depth()];
  return {
    messages: changes + writes,
    left: depths.reduce((sum, { due, delayed, held }) => sum + due + delayed + held, 0),
  };
}

async function carry<Body extends Change | Write>(
  from: Queue<Body>,
  to: Queue<Body>,
  { toMessage, clock }: { toMessage: (body: Body) => Outgoing<Body>; clock: Clock },
): Promise<number> {
  const done: Verdict = { kind: 'done' };
  let carried = 0;
  for (let cameAt = clock.now(); clock.now() - cameAt < PATIENCE_MS;) {
    const deliveries = await from.take(TAKE);
    for (const delivery of deliveries) {
      await to.send(delivery.messages.map(({ body }) => toMessage(body)));
      await from.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, done])));
      carried += delivery.messages.length;
      cameAt = clock.now();
    }
    if (deliveries.length > 0) continue;
    const { due, held } = await from.depth();
    if (due + held === 0) break;
    await slept(clock, LOOK_MS, new AbortController().signal);
  }
  return carried;
}

/**
 * Gives every slab's key the number that the ledger has for it: a queue that knows none would be taken for one that was lost, and
 * every mailbox be read anew.
 */
export async function carryGenerations(ledger: Ledger, writes: Queue<Write>, clock: Clock): Promise<number> {
  const slabs = new Map<string, { tenant: string; slab: number }>();
  for (const { key } of await ledger.routes.all())
    for (const slab of await ledger.slabs.of(key)) slabs.set(writeKey(slab), slab);
  const at = clock.now();
  // A turn in every slab, which finds that all is well.
  if (slabs.size > 0) await writes.send([...slabs.values()].map((slab) => fillMessage(slab, at)));
  const held: Delivery<Write>[] = [];
  const missing = new Map(slabs);
  for (let cameAt = clock.now(); missing.size > 0 && clock.now() - cameAt < PATIENCE_MS;) {
    const deliveries = await writes.take({ ...TAKE, messages: 1 });
    for (const delivery of deliveries) {
      held.push(delivery);
      const slab = missing.get(delivery.key);
      if (!slab) continue;
      const { current } = await ledger.slabs.generation(slab.tenant, slab.slab);
      await writes.setState(delivery, current);
      missing.delete(delivery.key);
      cameAt = clock.now();
    }
    if (deliveries.length === 0) await slept(clock, LOOK_MS, new AbortController().signal);
  }
  // Without a verdict a message stays, and is due at once.
  for (const delivery of held) await writes.settle(delivery, new Map());
  return missing.size;
}
