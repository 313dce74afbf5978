import { describe, expect, test } from 'vitest';
import { contactWrites } from '../tenant/counts.ts';
import { bulkChangeTarget, countBulkChange } from './bulk-change.ts';
import { batchesFor } from './figure.ts';
import { floorOf } from './floor.ts';
import { measureGoodput } from './goodput.ts';
import { countJoiner } from './joiner.ts';
import { countLargeFill } from './large-fill.ts';

/** The benches of the pace, in small: counts, which are the same in every run, and no times. */
describe('requests and refusals at full pace', () => {
  test('economy: a joiner to 1,000 mailboxes takes full batches and at most ten requests more', async () => {
    const { requests, writes } = await countJoiner({ mailboxes: 1_000, policy: 'economy' });
    expect(writes).toBe(1_000);
    expect(requests).toBeLessThanOrEqual(batchesFor(1_000) + 10);
  });

  test('swift: a joiner to 200 mailboxes leaves all at once, in batches of four', async () => {
    const { writes, traffic } = await countJoiner({ mailboxes: 200, policy: 'swift' });
    expect(writes).toBe(200);
    const { batches } = floorOf(200, { policy: 'swift', concurrency: 64, latencyMs: 150 });
    expect(batches).toBe(50);
    // Stamps of the slab go along.
    expect(traffic.batches).toBe(batches + 1);
    expect(traffic.mostInFlight).toBe(traffic.batches);
  });

  test('a bulk change: at most a twentieth above full batches, everybody read once', async () => {
    const size = { people: 200, mailboxes: 40 };
    const { requests, writes, operations } = await countBulkChange(size);
    expect(writes).toBe(8_000);
    expect(requests).toBeLessThanOrEqual(bulkChangeTarget(size));
    expect(operations.get('$batch GET users/{id}')).toBe(200);
  });

  test.each(['extendedProperty', 'both', 'both, counted'] as const)(
    'a large fill in small, marks %s: nothing is refused, every slot is used',
    async (marks) => {
      const { writes, throttles, traffic, operations } = await countLargeFill({ side: 70, marks });
      expect(writes).toBe(70 * 70);
      expect(contactWrites(operations)).toBe(writes);
      expect(throttles).toBe(0);
      if (marks !== 'both, counted') expect(traffic.mostInFlight).toBeGreaterThanOrEqual(60);
      expect(traffic.batches).toBeLessThanOrEqual(1.1 * batchesFor(writes));
    },
  );

  test('one call in twenty fails: no mailbox is called before its Retry-After has passed', async () => {
    const { early, injected, succeeded } = await measureGoodput({ people: 40, mailboxes: 100 });
    expect(injected).toBeGreaterThan(50);
    expect(succeeded).toBeGreaterThan(2_000);
    expect(early).toBe(0);
  });
});
