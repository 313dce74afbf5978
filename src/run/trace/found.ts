import type { Ledger } from '../../engine/ledger-port.ts';
import type { TracedLook } from '../../engine/trace-port.ts';
import { iso } from '../../kit/iso.ts';
import { portionsSince } from '../portions.ts';
import type { Recorded } from '../read-record.ts';
import type { TracedWrites } from './report.ts';

/** Clocks of several machines differ: what was looked at may seem to have been before it arrived. */
const SLACK_MS = 5 * 60_000;

/** A look with its tenant and time (milliseconds since 1970). */
export type FoundLook = TracedLook & { readonly at: number; readonly tenant: string };

/** Every look since then that is asked for, the oldest first. */
export async function looksSince(
  { traces }: Pick<Ledger, 'traces'>,
  since: number,
  isAsked: (look: TracedLook) => boolean,
): Promise<FoundLook[]> {
  const found: FoundLook[] = [];
  for await (const { at, tenant, looks } of portionsSince(traces, since - SLACK_MS))
    found.push(...looks.filter(isAsked).map((look) => ({ ...look, at, tenant })));
  return found.toReversed();
}

/** No more of them one by one than this. */
const LISTED_AT_MOST = 1_000;

/** What was written on behalf of this event since it arrived. */
export async function writesOf(
  { record }: Pick<Ledger, 'record'>,
  change: string,
  since: number,
): Promise<TracedWrites> {
  const counts = new Map<string, { operation: string; outcome: string; count: number }>();
  const list: Recorded[] = [];
  /** Jobs and mailboxes of which the newest thing that was sent there was seen. */
  const newest = new Set<string>();
  const open: Recorded[] = [];
  let [first, last, total] = [Infinity, 0, 0];
  for await (const { at, tenant, writes } of portionsSince(record, since - SLACK_MS)) {
    for (const write of writes.toReversed()) {
      if (!write.changes.includes(change)) continue;
      const one = { at: iso(at), tenant, ...write };
      total += 1;
      first = Math.min(first, at);
      last = Math.max(last, at);
      count(counts, write);
      if (list.length < LISTED_AT_MOST) list.push(one);
      const place = `${tenant}|${write.route}|${write.mailbox}`;
      if (newest.has(place)) continue;
      newest.add(place);
      if (write.outcome !== 'done') open.push(one);
    }
  }
  return {
    mailboxes: newest.size,
    first: total === 0 ? null : iso(first),
    last: total === 0 ? null : iso(last),
    counts: [...counts.values()],
    open: open.slice(0, LISTED_AT_MOST),
    list: list.toReversed(),
    more: total > list.length || open.length > LISTED_AT_MOST,
  };
}

function count(
  counts: Map<string, { operation: string; outcome: string; count: number }>,
  { operation, outcome }: Pick<Recorded, 'operation' | 'outcome'>,
): void {
  const name = `${operation}|${outcome}`;
  const known = counts.get(name);
  if (known) known.count += 1;
  else counts.set(name, { operation, outcome, count: 1 });
}
