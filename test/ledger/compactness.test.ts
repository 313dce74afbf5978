import { expect, test } from 'vitest';
import { benchLedger } from '../bench/ledger.ts';

/** The promise for a million links; an experiment reached 57, this ledger about 50. */
const MAX_BYTES_PER_LINK = 96;

test('a link costs at most 96 bytes of ledger file, people, cards and places included', async () => {
  const figures = await benchLedger({ people: 2_000, mailboxes: 50, synchronous: 'OFF' });
  expect(figures.links).toBe(100_000);
  expect(figures.bytesPerLink).toBeLessThanOrEqual(MAX_BYTES_PER_LINK);
  // Ids alone are random bytes that nothing can make smaller: less than this would mean that links are missing.
  expect(figures.bytesPerLink).toBeGreaterThan(21 + 8);
});
