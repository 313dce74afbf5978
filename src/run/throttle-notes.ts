import type { ThrottleBook } from '../engine/throttle-book.ts';
import { EVENTS_KEPT, type ThrottleJournal } from '../graph/throttle-journal.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { repeat } from '../kit/loop.ts';
import type { Connection } from './connect.ts';
import type { Role } from './roles.ts';

/**
 * What Graph asked is known to `status`, another process, so late at the most: a commit for each would only slow things down.
 * A process that was killed leaves no more than that unsaid to the next one.
 */
const NOTE_MS = 10_000;

interface Notes {
  readonly connections: ReadonlyMap<
    string,
    Pick<Connection, 'restore'> & { readonly throttles: Pick<ThrottleJournal, 'count' | 'after'> }
  >;
  readonly book: ThrottleBook;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Copies what each tenant asked of us into the ledger, now and then and at the end; what it asked of the process before this
 * one is kept to. What a mailbox asked is in the ledger with the mailbox.
 */
export function throttleNotesRole({ connections, book, clock, log }: Notes): Role {
  const noted = new Map<string, number>();
  const note = async (): Promise<void> => {
    for (const [tenant, { throttles }] of connections) {
      const count = throttles.count;
      await book.keep(tenant, throttles.after(noted.get(tenant) ?? 0), EVENTS_KEPT);
      noted.set(tenant, count);
    }
  };
  return {
    name: 'throttle notes',
    start: async () => {
      for (const [tenant, { restore }] of connections) {
        for (const { at, scope, waitMs } of await book.recent(tenant))
          if (scope !== 'mailbox' && waitMs !== null) restore(scope, at + waitMs);
      }
      const stop = new AbortController();
      const loop = { name: 'throttle notes', next: () => NOTE_MS, run: note };
      const running = repeat({ clock, log }, loop, stop.signal);
      return {
        stop: async () => {
          stop.abort();
          await running;
          await note();
        },
      };
    },
  };
}
