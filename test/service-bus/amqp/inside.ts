/* oxlint-disable no-underscore-dangle -- the names are rhea's */
import type { Connection, Delivery, Receiver, Sender } from 'rhea';

/**
 * What rhea 3.0.5 has and does not declare: a server needs to answer an attach late, to fill in its reply and to answer
 * a drain, and the library was written for clients. Checked against lib/link.js, lib/session.js and lib/connection.js.
 */
interface InnerLink {
  readonly local: { readonly attach: Record<string, unknown> };
  readonly state: { local_open: boolean; open_requests: number };
}

interface InnerSender extends InnerLink {
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  _draining: boolean;
  _get_drain: () => boolean;
  readonly session: {
    readonly outgoing: {
      readonly next_delivery_id: number;
      readonly next_pending_delivery: number;
      available(): number;
    };
  };
}

interface InnerConnection {
  accept(socket: unknown): void;
  _register(): void;
  _disconnected(error?: Error): void;
}

const link = (of: Sender | Receiver): InnerLink => of as unknown as InnerLink;
const sender = (of: Sender): InnerSender => of as unknown as InnerSender;
const connection = (of: Connection): InnerConnection => of as unknown as InnerConnection;

/** What our side says in its attach. */
export function sayInAttach(of: Sender | Receiver, fields: Record<string, unknown>): void {
  Object.assign(link(of).local.attach, fields);
}

/** rhea answers an attach by itself in the next tick; this keeps it from that until `open()` is called. */
export function holdAttach(of: Sender | Receiver): void {
  const { state } = link(of);
  state.local_open = false;
  state.open_requests = 0;
}

/** How many messages may be sent now: the peer's credit and rhea's ring, less what has not been written yet. */
export function roomOf(of: Sender): number {
  const { credit, session } = sender(of);
  const { outgoing } = session;
  const unwritten = outgoing.next_delivery_id - outgoing.next_pending_delivery;
  return Math.max(0, Math.min(credit - unwritten, outgoing.available()));
}

export function isRingFull(of: Sender): boolean {
  return sender(of).session.outgoing.available() === 0;
}

/** Answers every drain, also when no credit is left: the JavaScript client waits for the answer in any case. */
export function answerDrains(of: Sender): void {
  const inner = sender(of);
  inner._get_drain = () => {
    if (!inner._draining) return false;
    inner.delivery_count += inner.credit;
    inner.credit = 0;
    inner._draining = false;
    return true;
  };
}

export function answerDrain(of: Sender): void {
  sender(of).issue_flow = true;
  connection(of.connection)._register();
}

/**
 * Settles a delivery that we sent. The client never confirms in the settle mode "second", and rhea's ring of 2,048
 * deliveries frees only what both sides settled: so the other side counts as having done it.
 */
export function settleDelivery(delivery: Delivery, state: unknown): void {
  delivery.update(true, state);
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

export function acceptSocket(of: Connection, socket: unknown): void {
  connection(of).accept(socket);
}

/** A socket that we destroy ends no timer of rhea's and raises no event. */
export function forgetSocket(of: Connection): void {
  connection(of)._disconnected();
}
