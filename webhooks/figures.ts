import type { IncomingMessage } from 'node:http';
import type { Counters } from './counters.ts';
import type { Punctuality } from './punctuality.ts';
import type { Answer } from './receive.ts';

const LOOPBACK = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;

/**
 * What the receiver counted, as one line of JSON, to whoever asks on the same machine: the connection's own address
 * decides, never a header. To others the path does not exist.
 */
export function figuresFor(
  request: IncomingMessage,
  { counters, punctuality }: { readonly counters: Counters; readonly punctuality: Punctuality },
): Answer {
  if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) return { status: 404, line: 'Nothing here.' };
  const figures = { sinceStart: counters, lastTenMinutes: punctuality.figures() };
  return { status: 200, line: JSON.stringify(figures) };
}
