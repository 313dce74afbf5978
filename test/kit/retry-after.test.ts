import { describe, expect, test } from 'vitest';
import { readRetryAfter } from '../../src/kit/retry-after.ts';

const NOW = Date.parse('2026-01-05T08:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['whole seconds', '7', 7_000],
    ['one second', '1', 1_000],
    ['decimals', '2.128', 2_128],
    ['less than a second', '0.249', 249],
    ['a fraction of a millisecond, rounded up', '1.0001', 1_001],
    ['zero, which would be a hammer', '0', 100],
    ['a huge number', '86400000', 86_400_000_000],
    ['white space around it', ' 3 ', 3_000],
    ['an HTTP date', 'Mon, 05 Jan 2026 08:00:30 GMT', 30_000],
    ['a date in the past', 'Mon, 05 Jan 2026 07:00:00 GMT', 100],
  ])('%s', (_name, value, waitMs) => {
    expect(readRetryAfter({ 'retry-after': value }, NOW)).toBe(NOW + waitMs);
  });

  test.each(['', 'soon', '-1', '1e3', 'NaN', '9'.repeat(400)])('%j says nothing', (value) => {
    expect(readRetryAfter({ 'retry-after': value }, NOW)).toBeUndefined();
  });

  test('none says nothing', () => {
    expect(readRetryAfter({}, NOW)).toBeUndefined();
  });

  test('a date is read against the clock that wrote it', () => {
    const headers = { 'retry-after': 'Mon, 05 Jan 2026 09:00:30 GMT', date: 'Mon, 05 Jan 2026 09:00:00 GMT' };
    expect(readRetryAfter(headers, NOW)).toBe(NOW + 30_000);
  });
});
