import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { ThrottleEvent } from '../../src/graph/throttle-journal.ts';
import { silentLog } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { throttleNotesRole } from '../../src/run/throttle-notes.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const event = (change: Partial<ThrottleEvent>): ThrottleEvent => ({
  at: Date.parse('2026-01-05T08:00:00Z'),
  scope: 'tenant',
  pool: 'ApplicationThrottled',
  status: 429,
  waitMs: 60_000,
  ...change,
});

describe('what Graph asked of a process', () => {
  test('is in the ledger when it ends, and the next one keeps to it', async () => {
    const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
    const events = [
      event({}),
      event({ scope: 'source', waitMs: 30_000 }),
      event({ scope: 'mailbox', waitMs: 90_000 }),
      event({ waitMs: null }),
    ];
    const roleOf = (told: readonly ThrottleEvent[], restored: unknown[]) =>
      throttleNotesRole({
        connections: new Map([
          [
            'contoso',
            {
              throttles: { count: told.length, after: (seen) => told.slice(seen) },
              restore: (scope, until) => void restored.push([scope, until - event({}).at]),
            },
          ],
        ]),
        book: ledger.throttles,
        clock: new VirtualClock(),
        log: silentLog,
      });
    const nothing: unknown[] = [];
    const first = await roleOf(events, nothing).start(new AbortController().signal);
    await first.stop?.();
    expect(nothing).toEqual([]);
    const restored: unknown[] = [];
    const second = await roleOf([], restored).start(new AbortController().signal);
    await second.stop?.();
    expect(new Set(restored)).toEqual(
      new Set([
        ['source', 30_000],
        ['tenant', 60_000],
      ]),
    );
    await ledger.close();
  });
});
