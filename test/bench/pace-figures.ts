import { benchBulkChange } from './bulk-change.ts';
import type { Figure } from './figure.ts';
import { benchGoodput } from './goodput.ts';
import { benchJoiner } from './joiner.ts';
import { benchLargeFill, type LargeFill } from './large-fill.ts';
import { benchLiveBehindFill } from './live-behind-fill.ts';

/** A joiner to 10,000 mailboxes with the fewest requests, and one to 200 as soon as can be. */
export async function benchJoiners(): Promise<Figure[]> {
  return [
    ...(await benchJoiner({ mailboxes: 10_000, policy: 'economy' })),
    ...(await benchJoiner({ mailboxes: 200, policy: 'swift' })),
  ];
}

export async function benchBusy(): Promise<Figure[]> {
  return [
    await benchLiveBehindFill({ people: 600, mailboxes: 100, changes: 25 }),
    await benchBulkChange({ people: 1_000, mailboxes: 200 }),
  ];
}

/** The larger it is played, the less its first and last rounds count; paced by the pool, its size is in virtual hours, not in work. */
const LARGE: readonly LargeFill[] = [
  { side: 400, marks: 'extendedProperty' },
  { side: 250, marks: 'both' },
  { side: 120, marks: 'both, counted' },
];

export async function benchLargeFills(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const large of LARGE) {
    process.stderr.write(`  ${large.side} x ${large.side}, marks ${large.marks}\n`);
    figures.push(await benchLargeFill(large));
  }
  return figures;
}

/** One slab, whose turns are all there is, and two. */
export async function benchFaults(): Promise<Figure[]> {
  return [
    await benchGoodput({ people: 200, mailboxes: 200 }),
    await benchGoodput({ people: 100, mailboxes: 400 }),
  ];
}
