import { describe, expect, test } from 'vitest';
import { entryOf } from '../../src/kit/event-log-entry.ts';

describe('an entry', () => {
  test('has the id and the kind of its event, what stands beside it, and what to do', () => {
    const entry = entryOf('removals-held', { job: 'staff', held: 3, ids: ['a', 'b'] }, 0);
    expect(entry).toMatchObject({ id: 501, type: 'Error' });
    expect(entry?.text).toMatch(
      /^removals held by the guard: .*\n\njob: staff\nheld: 3\nids: \["a","b"\]\n\n/,
    );
    expect(entry?.text).toMatch(/What it means: .*\n\nWhat to do: .*\n\nremovals-held$/s);
  });

  test('is a warning for a warning, and there is none for a success', () => {
    expect(entryOf('job-withdrawn', {}, 0)).toMatchObject({ type: 'Warning' });
    expect(entryOf('stopped', {}, 0)).toBeNull();
  });

  test('spells what JSON cannot say', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const entry = entryOf('run-failed', { size: 2n ** 70n, sizes: [1n], circle }, 0);
    expect(entry?.text).toContain('size: 1180591620717411303424\n');
    expect(entry?.text).toContain('sizes: not to be spelled here\ncircle: not to be spelled here\n');
  });

  test('is no place to be filled in, and never too long', () => {
    const entry = entryOf('run-failed', { error: '%1 %%5\0', list: 'x'.repeat(50_000) }, 0);
    expect(entry?.text).toContain('error: % 1 % % 5\n');
    expect(entry?.text.length).toBeLessThan(31_839);
  });
});
