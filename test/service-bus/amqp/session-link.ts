import type { Sender } from 'rhea';
import type { Queue } from '../queue/queue.ts';
import { Refusal } from '../queue/refusal.ts';
import type { Hold } from '../queue/sessions.ts';
import { ticksOf } from './encoding.ts';
import { faultOf } from './errors.ts';
import { answer, type Face } from './face.ts';
import { holdAttach, sayInAttach } from './inside.ts';
import { openSubscriber, type Subscriber } from './subscriber.ts';

const FILTER = 'com.microsoft:session-filter';
const TIMEOUT = 'com.microsoft:timeout';
/** The JavaScript client gives up opening a link after this, whatever it said: a later answer would find nobody. */
const LINK_TIMEOUT_MS = 60_000;

export interface SessionLink {
  /** What it holds; null while it waits, or when it lost it. */
  hold(): Hold | null;
  /** The peer closed it: the session is free, and what was not settled waits as it did. */
  release(): void;
  /** Nobody is there any more, and the lock stays until it runs out. */
  abandon(): void;
}

/** Undefined: not a link to a session. Null: to whichever is next. */
export function sessionOf(sender: Sender): string | null | undefined {
  const filter = (sender.source as { filter?: Record<string, unknown> } | null)?.filter;
  if (!filter || !(FILTER in filter)) return undefined;
  const id = filter[FILTER];
  return typeof id === 'string' ? id : null;
}

export interface SessionLinkParts {
  readonly face: Face;
  readonly sender: Sender;
  readonly queue: Queue;
}

/** Answers the attach when the session is there: at once, later, or never within the client's time. */
export function openSessionLink({ face, sender, queue }: SessionLinkParts): SessionLink {
  let hold: Hold | null = null;
  let subscriber: Subscriber | null = null;
  let stopWaiting: (() => void) | null = null;
  let answered = false;
  const open = (): void => {
    answered = true;
    sender.open();
  };
  const refuse = (error: unknown): void => {
    sender.set_source({ address: sender.source.address });
    open();
    sender.close(faultOf(error));
  };
  const onLost = (): void => {
    const id = hold?.session.id ?? '';
    hold = null;
    subscriber?.end();
    sender.close(
      faultOf(new Refusal('session-lock-lost', `The session lock has expired on the session with id ${id}.`)),
    );
  };
  const granted = (given: Hold): void => {
    hold = given;
    sender.set_source({ address: sender.source.address, filter: { [FILTER]: given.session.id } });
    sender.set_target({ address: sender.target?.address });
    sayInAttach(sender, { properties: { 'com.microsoft:locked-until-utc': ticksOf(given.until) } });
    subscriber = openSubscriber({
      face,
      sender,
      queue,
      onRoom: (consumer) => {
        if (hold !== null) queue.serveSession(hold, consumer);
      },
    });
    answer(face, open);
  };
  holdAttach(sender);
  const wanted = sessionOf(sender) ?? null;
  try {
    const holder = sender.name;
    if (wanted !== null) granted(queue.sessions.accept(wanted, holder, onLost));
    else
      stopWaiting = queue.sessions.next(
        {
          holder,
          onLost,
          answer: (given) => (given === null ? refuse(noneFree()) : granted(given)),
        },
        patience(sender),
      );
  } catch (error) {
    refuse(error);
  }
  return {
    hold: () => hold,
    release: () => {
      stopWaiting?.();
      // Who stopped waiting wants its link opened before it is closed.
      if (!answered) open();
      subscriber?.end();
      if (hold !== null) queue.release(hold);
      hold = null;
    },
    abandon: () => {
      stopWaiting?.();
      subscriber?.end();
      if (hold !== null) hold.consumer = null;
      hold = null;
    },
  };
}

/** Before the client's own time is over, so that it hears it. */
function patience(sender: Sender): number {
  const said = Number(sender.properties?.[TIMEOUT] ?? LINK_TIMEOUT_MS);
  const most = Math.min(said, LINK_TIMEOUT_MS);
  return most - Math.min(500, most / 10);
}

function noneFree(): Refusal {
  return new Refusal(
    'timeout',
    'The operation did not complete within the allotted time: no session is free.',
  );
}
