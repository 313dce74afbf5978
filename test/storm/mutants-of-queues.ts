import type { Delivery, Outgoing, Queue, Verdict } from '../../src/engine/queue-port.ts';
import type { Clock } from '../../src/kit/clock.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Mutant } from './mutants.ts';
import { methods } from './spread.ts';

const done: Verdict = { kind: 'done' };

/** Messages are done when they are taken: a crash in between loses them. */
export const acknowledgedFirst: Mutant = {
  name: 'acknowledged before the work',
  near: 3,
  mode: 'B',
  plan: { crash: 0.003, faults: {} },
  parts: (parts) => ({
    ...parts,
    changes: acknowledging(parts.changes, 'taken'),
    writes: acknowledging(parts.writes, 'stored'),
  }),
};

/** `stored`: once the slab's number is, since a holder who has given the key back cannot store it. */
function acknowledging<Body>(queue: Queue<Body>, once: 'taken' | 'stored'): Queue<Body> {
  const acknowledged = new Set<string>();
  const acknowledge = async (delivery: Delivery<Body>): Promise<void> => {
    acknowledged.add(delivery.token);
    await queue.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, done])));
  };
  return over(queue, {
    take: async (limit) => {
      const deliveries = await queue.take(limit);
      if (once === 'taken') for (const delivery of deliveries) await acknowledge(delivery);
      return deliveries;
    },
    setState: async (delivery, state) => {
      if (acknowledged.has(delivery.token)) return;
      await queue.setState(delivery, state);
      await acknowledge(delivery);
    },
    settle: async (delivery, verdicts) => {
      if (!acknowledged.has(delivery.token)) return queue.settle(delivery, verdicts);
      const again = delivery.messages.flatMap(({ id, body }): Outgoing<Body>[] => {
        const verdict = verdicts.get(id);
        return verdict?.kind === 'later'
          ? [
              {
                key: delivery.key,
                mergeKey: `${delivery.key}|${JSON.stringify(body)}`,
                body,
                delayMs: verdict.delayMs,
              },
            ]
          : [];
      });
      if (again.length > 0) await queue.send(again);
    },
    renew: async () => {},
  });
}

/** Two holders at a time: what one has in hand, the next take hands out as well. */
export const noLease: Mutant = {
  name: 'no lease',
  mode: 'C',
  plan: { crash: 0, ledgerLoss: 0, faults: { unavailable503: 0.1, gatewayTimeoutNotApplied: 0.1 } },
  parts: (parts) => ({ ...parts, changes: unleased(parts.changes), writes: unleased(parts.writes) }),
};

function unleased<Body>(queue: Queue<Body>): Queue<Body> {
  let last: Delivery<Body>[] = [];
  return over(queue, {
    take: async (limit) => {
      const second = last;
      last = second.length > 0 ? [] : await queue.take(limit);
      return second.length > 0 ? second : last;
    },
    settle: async (delivery, verdicts) => {
      await queue.settle(delivery, verdicts).catch(() => {});
    },
    renew: async () => {},
  });
}

/** 202 first, the disk a few seconds later: a crash in between loses what Graph believes delivered. */
export const answeredBeforeStored: Mutant = {
  name: 'answered before stored',
  near: 9,
  mode: 'B',
  plan: { crash: 0.003, faults: {} },
  receiverQueue: (changes, clock) =>
    over(changes, {
      send: async (messages) => {
        void clock
          .sleep(3_000)
          .then(() => changes.send(messages))
          .catch(() => {});
      },
    }),
};

/** The first read after a notification is believed. */
export const noSecondLook: Mutant = {
  name: 'no second look',
  near: 5,
  mode: 'B',
  plan: { crash: 0, staleMs: 45_000, faults: { staleRead: 0.8 } },
  parts: (parts) => ({ ...parts, timing: { ...parts.timing, secondLookMs: [0, 0] } }),
};

/** A change that arrives while its object is being read is taken for the one in hand. */
export const coalescedWhileRunning: Mutant = {
  name: 'coalescing while running',
  near: 3,
  mode: 'B',
  plan: { crash: 0, staleMs: 0, faults: {} },
  parts: (parts) => ({
    ...parts,
    // The looks that follow would hide it; they have a mutant of their own.
    timing: { ...parts.timing, secondLookMs: [0, 0] },
    ledger: slowAfterTheRead(parts.ledger, parts.clock),
    changes: coalescing(parts.changes, parts.clock),
  }),
};

/** Between reading a person and remembering them, long enough for another notification. */
function slowAfterTheRead(ledger: Ledger, clock: Clock): Ledger {
  return {
    ...methods(ledger),
    memberships: {
      ...methods(ledger.memberships),
      groupsOf: async (tenant, identities) => {
        await clock.sleep(3_000);
        return ledger.memberships.groupsOf(tenant, identities);
      },
    },
  };
}

function coalescing<Body>(queue: Queue<Body>, clock: Clock): Queue<Body> {
  const held = new Map<string, number>();
  return over(queue, {
    send: async (messages) => {
      const kept = messages.filter(({ key }) => !held.has(key));
      if (kept.length > 0) await queue.send(kept);
    },
    take: async (limit) => {
      const deliveries = await queue.take(limit);
      for (const { key } of deliveries) held.set(key, clock.now());
      return deliveries;
    },
    settle: async (delivery, verdicts) => {
      await queue.settle(delivery, verdicts);
      held.delete(delivery.key);
    },
  });
}

/** The queue with some methods replaced; the others keep their owner. */
export function over<Body>(queue: Queue<Body>, changed: Partial<Queue<Body>>): Queue<Body> {
  return {
    send: (messages) => queue.send(messages),
    take: (limit) => queue.take(limit),
    renew: (delivery) => queue.renew(delivery),
    setState: (delivery, state) => queue.setState(delivery, state),
    settle: (delivery, verdicts) => queue.settle(delivery, verdicts),
    ready: (signal) => queue.ready(signal),
    reachable: () => queue.reachable(),
    waiting: () => queue.waiting(),
    depth: () => queue.depth(),
    peek: (most) => queue.peek(most),
    deadLetters: () => queue.deadLetters(),
    discard: (ids) => queue.discard(ids),
    close: () => queue.close(),
    ...changed,
  };
}
