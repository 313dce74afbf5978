import { expect, test } from 'vitest';
import { settle } from '../../src/engine/settle.ts';
import { Fault, type FaultKind } from '../../src/model/fault.ts';

const NOW = 5_000_000;

test('a Retry-After is kept to the millisecond, and does not count as an attempt', () => {
  const verdict = settle(new Fault('throttled', 'wait', { retryAt: NOW + 2_128 }), 99, NOW);
  expect(verdict).toEqual({ kind: 'later', delayMs: 2_128, countAttempt: false });
});

test.each<FaultKind>([
  'throttled',
  'unavailable',
  'unknown-outcome',
  'unauthorized',
  'forbidden',
  'quota',
  'mailbox-unavailable',
  'resync',
])('an outage (%s) never ends in a dead letter', (kind) => {
  expect(settle(new Fault(kind, 'x'), 1_000, NOW)).toMatchObject({ kind: 'later', countAttempt: false });
});

test.each<FaultKind>(['invalid', 'conflict', 'not-found'])(
  '%s is tried again, and in the end a dead letter with its reason',
  (kind) => {
    expect(settle(new Fault(kind, 'x'), 1, NOW)).toMatchObject({ kind: 'later', countAttempt: true });
    expect(settle(new Fault(kind, 'why'), 8, NOW)).toEqual({ kind: 'dead', reason: `${kind}: why` });
  },
);

test('a defect of ours backs off, then ends as a dead letter that quotes nothing', () => {
  expect(settle(new TypeError('Anna Müller'), 3, NOW)).toEqual({
    kind: 'later',
    delayMs: 8_000,
    countAttempt: true,
  });
  expect(settle(new TypeError('Anna Müller'), 8, NOW)).toEqual({
    kind: 'dead',
    reason: 'unexpected TypeError in 8 attempts',
  });
  const locked = Object.assign(new Error('x'), { name: 'SqliteError', code: 'SQLITE_BUSY' });
  expect(settle(locked, 8, NOW)).toMatchObject({
    reason: 'unexpected SqliteError (SQLITE_BUSY) in 8 attempts',
  });
  expect(settle(Object.assign(locked, { code: 'Anna Müller' }), 8, NOW)).toMatchObject({
    reason: 'unexpected SqliteError in 8 attempts',
  });
});
