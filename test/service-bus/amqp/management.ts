import rhea from 'rhea';
import type { Right } from '../access/rights.ts';
import type { Lock } from '../queue/locks.ts';
import type { Verdict } from '../queue/message.ts';
import type { Queue } from '../queue/queue.ts';
import { Refusal } from '../queue/refusal.ts';
import type { Hold } from '../queue/sessions.ts';
import { handedOutBytes, numberOf, sentOfBytes } from './encoding.ts';
import type { Face } from './face.ts';
import type { Reply, Request } from './requests.ts';

const { types } = rhea;

/** One request with its body as a map (learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response). */
interface Asked {
  readonly face: Face;
  readonly queue: Queue;
  readonly body: Readonly<Record<string, unknown>>;
  /** The receiving link on whose behalf it is asked; null when it was not said. */
  readonly link: string | null;
}

interface Operation {
  readonly right: Right;
  readonly run: (asked: Asked) => Reply;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:schedule-message': { right: 'send', run: schedule },
  'com.microsoft:cancel-scheduled-message': { right: 'send', run: cancel },
  'com.microsoft:peek-message': { right: 'listen', run: peek },
  'com.microsoft:renew-lock': { right: 'listen', run: renew },
  'com.microsoft:receive-by-sequence-number': { right: 'listen', run: receiveDeferred },
  'com.microsoft:update-disposition': { right: 'listen', run: settle },
  'com.microsoft:renew-session-lock': { right: 'listen', run: renewSession },
  'com.microsoft:set-session-state': { right: 'listen', run: setState },
  'com.microsoft:get-session-state': { right: 'listen', run: getState },
};

/** Throws what the queue throws, `busy` when that was asked for, and `not-allowed` for what is not imitated. */
export function manage(
  face: Face,
  queue: Queue,
  { request, require }: { request: Request; require: (right: Right) => void },
): Reply {
  const operation = OPERATIONS[request.operation];
  if (operation === undefined)
    throw new Refusal('not-allowed', `The double does not know the operation '${request.operation}'.`);
  require(operation.right);
  face.faults.strike('manage');
  const link = request.properties['associated-link-name'];
  return operation.run({
    face,
    queue,
    body: request.body as Record<string, unknown>,
    link: typeof link === 'string' ? link : null,
  });
}

function schedule({ face, queue, body }: Asked): Reply {
  const entries = body['messages'] as { message: Buffer }[];
  const sequences = queue.send(entries.map(({ message }) => sentOfBytes(message, face.newId)));
  return {
    status: 200,
    body: { 'sequence-numbers': types.wrap_array(sequences, 0x81, undefined) },
  };
}

function cancel({ queue, body }: Asked): Reply {
  queue.cancel(sequencesOf(body));
  return { status: 200, body: {} };
}

function peek({ queue, body }: Asked): Reply {
  const session = body['session-id'];
  const found = queue.peek(
    numberOf(body['from-sequence-number']),
    numberOf(body['message-count']),
    typeof session === 'string' ? session : null,
  );
  if (found.length === 0) return { status: 204, body: {} };
  return { status: 200, body: { messages: found.map((kept) => ({ message: handedOutBytes(kept, null) })) } };
}

function renew({ queue, body }: Asked): Reply {
  const ends = tokensOf(body).map((token) => queue.renew(queue.lockOf(token)));
  return { status: 200, body: { expirations: types.wrap_array(ends, 0x83, undefined) } };
}

function receiveDeferred({ queue, body, link }: Asked): Reply {
  const locks = queue.receiveDeferred(sequencesOf(body), holdOf({ queue, body, link }));
  const messages = locks.map((lock) => ({
    message: handedOutBytes(lock.message, lock),
    'lock-token': types.wrap_uuid(Buffer.from(lock.token, 'hex')),
  }));
  // Settle mode "first" is receive and delete.
  if (numberOf(body['receiver-settle-mode']) === 0) for (const lock of locks) complete(queue, lock);
  return { status: 200, body: { messages } };
}

function settle({ queue, body }: Asked): Reply {
  const verdict = verdictOf(body);
  for (const lock of tokensOf(body).map((token) => queue.lockOf(token))) queue.settle(lock, verdict);
  return { status: 200, body: {} };
}

function renewSession({ queue, body, link }: Asked): Reply {
  const hold = queue.sessions.holdOf(String(body['session-id']), link);
  return { status: 200, body: { expiration: types.wrap_timestamp(queue.sessions.renew(hold)) } };
}

function setState({ queue, body, link }: Asked): Reply {
  const state = body['session-state'];
  const hold = queue.sessions.holdOf(String(body['session-id']), link);
  queue.setState(hold, Buffer.isBuffer(state) ? state : null);
  return { status: 200, body: {} };
}

function getState({ queue, body, link }: Asked): Reply {
  const { session } = queue.sessions.holdOf(String(body['session-id']), link);
  return { status: 200, body: { 'session-state': session.state } };
}

function holdOf({ queue, body, link }: Pick<Asked, 'queue' | 'body' | 'link'>): Hold | null {
  const session = body['session-id'];
  return typeof session === 'string' ? queue.sessions.holdOf(session, link) : null;
}

function complete(queue: Queue, lock: Lock): void {
  queue.settle(lock, { kind: 'complete' });
}

/** "defered" is what the service reads. */
const VERDICTS: Readonly<Record<string, Verdict['kind']>> = {
  completed: 'complete',
  abandoned: 'abandon',
  defered: 'defer',
  suspended: 'deadLetter',
};

function verdictOf(body: Asked['body']): Verdict {
  const status = String(body['disposition-status']);
  const kind = VERDICTS[status];
  if (kind === undefined) throw new Refusal('not-allowed', `There is no disposition status '${status}'.`);
  const reason = body['deadletter-reason'];
  const description = body['deadletter-description'];
  return {
    kind,
    properties: {
      ...(body['properties-to-modify'] as object),
      ...(typeof reason === 'string' ? { DeadLetterReason: reason } : {}),
      ...(typeof description === 'string' ? { DeadLetterErrorDescription: description } : {}),
    },
  };
}

function sequencesOf(body: Asked['body']): number[] {
  return (body['sequence-numbers'] as unknown[]).map(numberOf);
}

function tokensOf(body: Asked['body']): string[] {
  return (body['lock-tokens'] as Buffer[]).map((token) => token.toString('hex'));
}
