import type { EventContext, Receiver } from 'rhea';
import type { Queue } from '../queue/queue.ts';
import { BATCH_FORMAT, sentOf, sentOfBatch } from './encoding.ts';
import { faultOf } from './errors.ts';
import { answer, type Face } from './face.ts';
import { sayInAttach } from './inside.ts';

/** How many unanswered transfers a sender may have. */
export const PUBLISHER_CREDIT = 500;

/** A link on which somebody sends to a queue. */
export function openPublisher(face: Face, receiver: Receiver, queue: Queue): void {
  sayInAttach(receiver, { max_message_size: queue.settings.maxMessageBytes });
  receiver.set_source({ address: receiver.source?.address });
  receiver.set_target({ address: receiver.target?.address });
  receiver.on('message', (context: EventContext) => {
    answer(face, () => take(face, queue, context));
  });
}

/** A closed link would leave the sender waiting for its timeout, so what is refused is refused by itself. */
function take(face: Face, queue: Queue, { message, delivery }: EventContext): void {
  if (message === undefined || delivery === undefined) return;
  try {
    face.faults.strike('send');
    // rhea hands a format that it does not know on as bytes.
    const sent =
      delivery.format === BATCH_FORMAT
        ? sentOfBatch(message as unknown as Buffer, face.newId)
        : [sentOf(message, face.newId)];
    queue.send(sent);
    delivery.accept();
  } catch (error) {
    delivery.reject(faultOf(error));
  }
}
