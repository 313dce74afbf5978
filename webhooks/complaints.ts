import type { Clock } from '../src/kit/clock.ts';
import type { EventName } from '../src/kit/events/catalogue.ts';
import type { Log } from '../src/kit/log.ts';
import { Fault } from '../src/model/fault.ts';

/** Log lines that strangers can cause: each event at most once a minute, with what it stands for since. */
export interface Complaints {
  about(event: EventName, count: number, error?: unknown): void;
}

const SILENCE_MS = 60_000;

export function createComplaints(log: Log, clock: Clock): Complaints {
  const open = new Map<EventName, { silentUntil: number; count: number }>();
  return {
    about(event, count, error) {
      const now = clock.now();
      const entry = open.get(event) ?? { silentUntil: now, count: 0 };
      entry.count += count;
      open.set(event, entry);
      if (now < entry.silentUntil) return;
      log.tell(event, { count: entry.count, ...(error === undefined ? {} : { fault: nameOf(error) }) });
      entry.silentUntil = now + SILENCE_MS;
      entry.count = 0;
    },
  };
}

/** Never an error's message: it may quote what a stranger sent. */
function nameOf(error: unknown): string {
  if (error instanceof Fault) return `${error.kind} ${error.code ?? ''}`.trim();
  return error instanceof Error ? error.name : 'unknown';
}
