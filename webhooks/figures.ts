import type { IncomingMessage } from 'node:http';
import { isFromLoopback } from '../src/kit/loopback.ts';
import type { Counters } from './counters.ts';
import type { Punctuality, PunctualityFigures } from './punctuality.ts';
import type { Answer } from './receive.ts';

/** Of one receiver. */
export interface Figures {
  readonly sinceStart: Readonly<Counters>;
  readonly lastTenMinutes: PunctualityFigures;
}

/** The connection's own address decides, never a header. */
export function isSameMachine(request: IncomingMessage): boolean {
  return isFromLoopback(request.socket);
}

/** What the receiver counted, as one line of JSON, to whoever asks on the same machine. To others the path does not exist. */
export function figuresFor(request: IncomingMessage, counted: Counted): Answer {
  if (!isSameMachine(request)) return { status: 404, line: 'Nothing here.' };
  return { status: 200, line: JSON.stringify(figuresOf(counted)) };
}

interface Counted {
  readonly counters: Counters;
  readonly punctuality: Punctuality;
}

export function figuresOf({ counters, punctuality }: Counted): Figures {
  return { sinceStart: counters, lastTenMinutes: punctuality.figures() };
}
