import type { HttpRequest, Transport } from '../../src/kit/transport.ts';
import { figure, type Figure } from './figure.ts';
import { OUTLOOK_MS } from './joiner.ts';
import { openOffice, type Office } from './office.ts';

export interface LiveBehindFill {
  readonly people: number;
  /** They are opened all at once and filled while people change. */
  readonly mailboxes: number;
  readonly changes: number;
}

/** Before the first change, so that the fill is under way; and from one change to the next. No multiple of a batch's time. */
const LEAD_MS = 4_000;
const PACE_MS = 1_130;
/** What the figure asks for, at 150 ms a call. */
const TARGET_MS = 3_000;

/**
 * Somebody known for long changes while mailboxes are filled: milliseconds from the edit in the directory to the last
 * mailbox that was to follow, for each change. The notification leaves 200 ms after the edit, and is in it.
 */
async function measureLiveBehindFill(size: LiveBehindFill): Promise<number[]> {
  const arrivals = new Map<string, number>();
  let office: Office | null = null;
  const note = (request: HttpRequest): void => {
    for (const [, title] of request.body?.matchAll(/"jobTitle":"(Changed \d+)"/g) ?? [])
      arrivals.set(title ?? '', office?.clock.now() ?? 0);
  };
  office = await openOffice({
    people: size.people,
    mailboxes: size.mailboxes,
    owners: 'later',
    conditions: { latencyMs: OUTLOOK_MS, watch: (transport) => noting(transport, note) },
  });
  const { people, clock, tenant } = office;
  await office.fill();
  const edits: number[] = [];
  await office.count(async () => {
    office.openMailboxes();
    await clock.sleep(LEAD_MS);
    for (let number = 0; number < size.changes; number += 1) {
      edits.push(clock.now());
      // Those with whom every mailbox begins: they are there by now, so that all mailboxes have to follow.
      const somebody = people[number];
      if (somebody) tenant.directory.updateUser(somebody.id, { jobTitle: `Changed ${number}` });
      await clock.sleep(PACE_MS);
    }
  });
  await office.close();
  return edits.map((at, number) => (arrivals.get(`Changed ${number}`) ?? Infinity) - at);
}

/** Looks at every request when its answer has come. */
function noting(transport: Transport, note: (request: HttpRequest) => void): Transport {
  return async (request) => {
    const response = await transport(request);
    note(request);
    return response;
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export async function benchLiveBehindFill(size: LiveBehindFill): Promise<Figure> {
  const took = await measureLiveBehindFill(size);
  const batches = Math.ceil(size.mailboxes / 20);
  return figure({
    name: `live change behind a running fill of ${size.mailboxes} mailboxes, p95`,
    unit: 'ms from edit to last mailbox',
    measured: percentile(took, 0.95),
    target: TARGET_MS,
    // The notification's way, a reading, and a batch.
    floor: 200 + OUTLOOK_MS + 5 * OUTLOOK_MS,
    with: {
      ...size,
      batches,
      latencyMs: OUTLOOK_MS,
      p50: percentile(took, 0.5),
      longest: Math.max(...took),
      policy: 'economy',
      tenant: 'simulated, virtual time',
    },
  });
}
