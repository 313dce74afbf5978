import type { Delivery, EventContext, Sender } from 'rhea';
import type { Consumer } from '../queue/consumers.ts';
import type { Lock } from '../queue/locks.ts';
import type { Verdict } from '../queue/message.ts';
import type { Queue } from '../queue/queue.ts';
import { handedOut, tagOf } from './encoding.ts';
import { accepted, rejected } from './errors.ts';
import { answer, type Face } from './face.ts';
import { answerDrain, answerDrains, isRingFull, roomOf, sayInAttach, settleDelivery } from './inside.ts';

/** A link on which somebody receives from a queue or a session of it. */
export interface Subscriber {
  readonly consumer: Consumer;
  /** What the link has and did not settle. */
  locks(): Lock[];
  end(): void;
}

export interface SubscriberParts {
  readonly face: Face;
  readonly sender: Sender;
  readonly queue: Queue;
  /** Called whenever the link has room for messages, perhaps again. */
  readonly onRoom: (consumer: Consumer) => void;
}

export function openSubscriber({ face, sender, queue, onRoom }: SubscriberParts): Subscriber {
  const deletes = sender.snd_settle_mode === 1;
  const open = new Map<Delivery, Lock>();
  let starved = false;
  let ended = false;
  const consumer: Consumer = {
    peekLock: !deletes,
    room: () => (ended ? 0 : roomOf(sender)),
    take: (message, lock) => {
      const delivery = sender.send(handedOut(message, lock), tagOf(lock?.token ?? face.newToken()));
      if (lock !== null) open.set(delivery, lock);
    },
  };
  const feed = (): void => {
    if (ended) return;
    onRoom(consumer);
    starved = isRingFull(sender);
  };
  sayInAttach(sender, { snd_settle_mode: sender.snd_settle_mode, rcv_settle_mode: sender.rcv_settle_mode });
  answerDrains(sender);
  sender.on('sender_flow', feed);
  sender.on('sender_draining', () => answerDrain(sender));
  const settle = (context: EventContext, verdict: (outcome: Outcome) => Verdict): void => {
    const { delivery } = context;
    const lock = delivery && open.get(delivery);
    if (delivery === undefined || lock === undefined) return;
    answer(face, () => {
      open.delete(delivery);
      try {
        face.faults.strike('settle');
        queue.settle(lock, verdict(delivery.remote_state as Outcome));
        settleDelivery(delivery, accepted());
      } catch (error) {
        settleDelivery(delivery, rejected(error));
      }
      if (starved) setImmediate(feed);
    });
  };
  sender.on('accepted', (context: EventContext) => settle(context, () => ({ kind: 'complete' })));
  sender.on('released', (context: EventContext) => settle(context, () => ({ kind: 'abandon' })));
  sender.on('modified', (context: EventContext) => settle(context, modified));
  sender.on('rejected', (context: EventContext) => settle(context, deadLettered));
  return {
    consumer,
    locks: () => [...open.values()],
    // A settlement may be on its way when a session is lost: it is refused, not left unanswered.
    end: () => {
      ended = true;
    },
  };
}

interface Outcome {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: Record<string, unknown>;
  readonly error?: { readonly info?: Record<string, unknown> };
}

function modified({ undeliverable_here: defer, message_annotations: properties }: Outcome): Verdict {
  return { kind: defer === true ? 'defer' : 'abandon', properties: properties ?? {} };
}

/** The reason travels with the other properties, and is one of them for whoever reads the dead letter. */
function deadLettered({ error }: Outcome): Verdict {
  return { kind: 'deadLetter', properties: error?.info ?? {} };
}
