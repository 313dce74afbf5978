import type { Transport } from '../../src/kit/transport.ts';
import { handshakeOf } from '../../webhooks/handshake.ts';
import type { Receiver } from '../../webhooks/receiver.ts';
import { ConnectionLost } from '../tenant/http/gateway.ts';

/** The receiver's two URLs without a socket: the same code from the handshake to the queue. */
export function deliverTo(current: () => Receiver | null): Transport {
  return async ({ url, body }) => {
    const receiver = current();
    if (!receiver) throw new ConnectionLost();
    const handshake = handshakeOf(url);
    if (handshake !== null && 'token' in handshake) {
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: handshake.token };
    }
    const endpoint = new URL(url).pathname === '/lifecycle' ? 'lifecycle' : 'notifications';
    const answer = await receiver.post[endpoint](Buffer.from(body ?? ''));
    return { status: answer.status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' };
  };
}
