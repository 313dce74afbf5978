import type { Connection, EventContext, Message, Receiver, Sender } from 'rhea';
import { Claims } from './claims.ts';
import { DETACH_FORCED, faultOf, type AmqpFault } from './errors.ts';
import { answer, type Face } from './face.ts';
import { manage } from './management.ts';
import { openPublisher } from './publisher.ts';
import { needsSession } from '../queue/refusal.ts';
import { ReplyLinks, requestOf } from './requests.ts';
import { openSessionLink, sessionOf } from './session-link.ts';
import { openSubscriber } from './subscriber.ts';
import { IdleWatch } from './idle-watch.ts';

const CBS = '$cbs';
const MANAGEMENT = '/$management';
const OUR_CODE = '/test/service-bus/';

/** A link that a client opened, as the connection sees it. */
interface OpenLink {
  readonly link: Sender | Receiver;
  /** In lower case. */
  readonly path: string;
  /** The peer closed it. */
  readonly closed: () => void;
  /** The connection broke. */
  readonly broken: () => void;
}

export interface ServedConnection {
  /** Closes every link as an idle one is closed; the client opens them again. */
  detachLinks(): void;
  /** The socket is gone. */
  broke(): void;
}

/** Everything that one client connection does: tokens, and links that come and go. */
export function serveConnection(face: Face, connection: Connection): ServedConnection {
  const links = new Map<Sender | Receiver, OpenLink>();
  const replies = new ReplyLinks();
  const close = (open: OpenLink, fault: AmqpFault): void => {
    if (!links.delete(open.link)) return;
    open.closed();
    open.link.close(fault);
  };
  const claims = new Claims(face.namespace.alarms, (path) => {
    for (const open of links.values())
      if (open.path === path || open.path === path + MANAGEMENT)
        close(open, {
          condition: 'amqp:unauthorized-access',
          description: 'ExpiredToken: The token is expired.',
        });
  });
  const idle = new IdleWatch(face.namespace.alarms, face.options.idleLinkMs, (link) => {
    const open = links.get(link);
    if (open) close(open, idleFault(face.options.idleLinkMs));
  });
  const keep = (open: OpenLink): void => {
    links.set(open.link, open);
    if (!isPlumbing(open.path)) idle.watch(open.link);
  };
  const context = { face, claims, replies, keep };

  connection.on('sender_open', ({ sender }: EventContext) => {
    if (sender) refusing(sender, () => openToReceiver(context, sender));
  });
  connection.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver) refusing(receiver, () => openToSender(context, receiver));
  });
  const ended = (link: Sender | Receiver | undefined): void => {
    const open = link && links.get(link);
    if (!open) return;
    links.delete(open.link);
    idle.forget(open.link);
    open.closed();
  };
  connection.on('sender_close', ({ sender }: EventContext) => ended(sender));
  connection.on('receiver_close', ({ receiver }: EventContext) => ended(receiver));
  connection.on('session_close', ({ session }: EventContext) => {
    for (const link of links.keys()) if (link.session === session) ended(link);
  });
  const broke = (): void => {
    for (const open of links.values()) open.broken();
    links.clear();
    claims.close();
    idle.close();
  };
  connection.on('connection_close', () => {
    for (const link of links.keys()) ended(link);
  });
  connection.on('disconnected', broke);
  // Heard, so that rhea does not throw them: a client's error is the client's.
  for (const event of [
    'sender_error',
    'receiver_error',
    'session_error',
    'connection_error',
    'protocol_error',
  ])
    connection.on(event, () => undefined);
  // What a handler of ours threw is a bug of the double and must be seen; what rhea cannot read is the client's.
  connection.on('error', (error: Error) => {
    if (error.stack?.includes(OUR_CODE)) console.error('service bus double:', error);
  });
  return {
    detachLinks: () => {
      for (const open of links.values())
        if (!isPlumbing(open.path)) close(open, idleFault(face.options.idleLinkMs));
    },
    broke,
  };
}

interface Context {
  readonly face: Face;
  readonly claims: Claims;
  readonly replies: ReplyLinks;
  readonly keep: (open: OpenLink) => void;
}

/** Links for tokens and requests stay when others are closed for idleness. */
function isPlumbing(path: string): boolean {
  return path === CBS || path.endsWith(MANAGEMENT);
}

function idleFault(ms: number): AmqpFault {
  return {
    condition: DETACH_FORCED,
    description: `The link is force detached by the broker due to errors occurred in consumer or inactivity. Detach origin: IdleTimerExpired: Idle timeout: ${ms} ms.`,
  };
}

/** A refused link is opened and closed with the reason, as AMQP wants it. */
function refusing(link: Sender | Receiver, open: () => void): void {
  try {
    open();
  } catch (error) {
    const fault = faultOf(error);
    link.open();
    link.close(fault);
  }
}

/** The client receives. */
function openToReceiver({ face, claims, replies, keep }: Context, sender: Sender): void {
  const address = sender.source?.address ?? '';
  const path = address.toLowerCase();
  if (isPlumbing(path)) {
    if (path !== CBS) {
      face.namespace.find(address.slice(0, -MANAGEMENT.length));
      claims.require(path, ['send', 'listen']);
    }
    sender.set_source({ address });
    sender.set_target({ address: sender.target?.address });
    replies.add(sender);
    const gone = (): void => replies.remove(sender);
    return keep({ link: sender, path, closed: gone, broken: gone });
  }
  const queue = face.namespace.find(address);
  claims.require(path, ['listen']);
  face.faults.strike('attach');
  if (sessionOf(sender) !== undefined) {
    const session = openSessionLink({ face, sender, queue });
    return keep({
      link: sender,
      path,
      closed: () => session.release(),
      broken: () => (face.options.locksAfterBreak === 'kept' ? session.abandon() : session.release()),
    });
  }
  if (queue.settings.requiresSession) throw needsSession(queue.name);
  const subscriber = openSubscriber({ face, sender, queue, onRoom: (consumer) => queue.serve(consumer) });
  sender.set_source({ address });
  sender.set_target({ address: sender.target?.address });
  const end = (): void => {
    queue.dismiss(subscriber.consumer);
    subscriber.end();
  };
  keep({
    link: sender,
    path,
    closed: end,
    broken: () => {
      const locks = subscriber.locks();
      end();
      if (face.options.locksAfterBreak === 'released') for (const lock of locks) queue.restore(lock);
    },
  });
}

function nothing(): void {}

/** The client sends: messages, tokens or requests. */
function openToSender({ face, claims, replies, keep }: Context, receiver: Receiver): void {
  const address = receiver.target?.address ?? '';
  const path = address.toLowerCase();
  const open = { link: receiver, path, closed: nothing, broken: nothing };
  if (path === CBS) {
    onRequest(face, receiver, (message) => putToken({ face, claims, replies }, message));
  } else if (path.endsWith(MANAGEMENT)) {
    const queue = face.namespace.find(address.slice(0, -MANAGEMENT.length));
    claims.require(path, ['send', 'listen']);
    onRequest(face, receiver, (message) => {
      const request = requestOf(message);
      replies.send(
        message,
        manage(face, queue, { request, require: (right) => claims.require(path, [right]) }),
      );
    });
  } else {
    const queue = face.namespace.find(address);
    claims.require(path, ['send']);
    face.faults.strike('attach');
    openPublisher(face, receiver, queue);
    return keep(open);
  }
  receiver.set_source({ address: receiver.source?.address });
  receiver.set_target({ address });
  keep(open);

  function onRequest(face: Face, from: Receiver, work: (message: Message) => void): void {
    from.on('message', ({ message, delivery }: EventContext) => {
      delivery?.accept();
      if (message === undefined) return;
      answer(face, () => {
        try {
          work(message);
        } catch (error) {
          replies.refuse(message, error);
        }
      });
    });
  }
}

function putToken({ face, claims, replies }: Omit<Context, 'keep'>, message: Message): void {
  const { properties, body } = requestOf(message);
  const name = String(properties['name']);
  face.faults.strikeToken();
  claims.put(name, face.check(String(body), String(properties['type']), name));
  replies.send(message, { status: 202 });
}
