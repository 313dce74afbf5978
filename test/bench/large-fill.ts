import { figure, rounded, type Figure } from './figure.ts';
import { floorOf } from './floor.ts';
import { OUTLOOK_MS } from './joiner.ts';
import { openOffice, type Conditions, type Counted } from './office.ts';
import { LIMITS } from './service.ts';

/** A tenant of as many people as mailboxes, played in small. */
export interface LargeFill {
  /** People, and mailboxes: one hundredth of 10,000, say. */
  readonly side: number;
  /** What makes a contact ours, and whether extensions inside creates count against their pool. */
  readonly marks: 'extendedProperty' | 'both' | 'both, counted';
}

export interface FilledLarge extends Counted {
  /** Every answer that asked to wait. */
  readonly throttles: number;
}

/** The tenant that is played: 10,000 contacts are what one mailbox takes in ten minutes. */
const FULL_SIDE = 10_000;
const FULL_SPAN_MS = 600_000;
/** Graph's pool of open extensions, in 10 seconds: its rate is the same at every size. */
const POOL = { count: 455, spanMs: 10_000 };

/**
 * People and mailboxes are scaled by one factor, and with them what a mailbox takes and the time in which it takes it: a
 * mailbox is as near to its limit as in the full size. The people are known before, and the directory answers at once: in the
 * full size reading it takes minutes of a fill of hours.
 */
export async function countLargeFill({ side, marks }: LargeFill): Promise<FilledLarge> {
  const mailbox = { count: side, spanMs: (FULL_SPAN_MS * side) / FULL_SIDE };
  const counted = marks === 'both, counted';
  const conditions: Conditions = {
    latencyMs: { else: OUTLOOK_MS, 'GET users/{id}': 1, 'GET users/delta': 1, 'GET groups/delta': 1 },
    ceilings: { mailbox, extensions: POOL },
    windows: { mailbox },
    extensionPool: counted,
    marks: marks === 'extendedProperty' ? marks : 'both',
    limits: { ...LIMITS, inlineExtensions: counted ? 'counted' : 'uncounted' },
  };
  const office = await openOffice({
    people: side,
    mailboxes: side,
    teams: Math.ceil(side / 50),
    owners: 'later',
    conditions,
  });
  await office.fill();
  const fill = await office.count(() => office.openMailboxes());
  const throttles = office.service.connection.throttles.count;
  await office.close();
  return { ...fill, throttles };
}

/** Milliseconds in which so many creates can be done. */
function largeFillFloor(writes: number, marks: LargeFill['marks']): number {
  const { tookMs } = floorOf(writes, {
    policy: 'economy',
    concurrency: LIMITS.concurrency,
    latencyMs: OUTLOOK_MS,
  });
  // The pool lets its first ten seconds' worth pass at once.
  const pooled = (Math.max(0, writes - POOL.count) / POOL.count) * POOL.spanMs;
  return marks === 'both, counted' ? Math.max(tookMs, pooled) : tookMs;
}

export async function benchLargeFill(large: LargeFill): Promise<Figure> {
  const { side, marks } = large;
  const { requests, writes, traffic, throttles } = await countLargeFill(large);
  const floor = largeFillFloor(writes, marks);
  const result = figure({
    name: `first fill, ${side} x ${side}, all limits, marks ${marks}`,
    unit: 'ms from first write to last',
    measured: traffic.tookMs,
    target: Math.floor(1.1 * floor),
    floor: Math.round(floor),
    with: {
      scale: `1/${(FULL_SIDE / side) ** 2} of 10,000 x 10,000`,
      mailboxLimit: `${side} requests in ${(FULL_SPAN_MS * side) / FULL_SIDE / 1_000} s`,
      policy: 'economy',
      concurrency: LIMITS.concurrency,
      latencyMs: OUTLOOK_MS,
      writes,
      requests,
      refused: throttles,
      ratio: rounded(traffic.tookMs / floor, 3),
      tenant: 'simulated, virtual time',
    },
  });
  return { ...result, reached: result.reached && throttles === 0 };
}
