import type { FailedThing, SetbackStatus } from '../run/setback-status.ts';
import { count, many } from '../kit/counted.ts';

/** A page of them is read; `--json` has more. */
const SHOWN = 20;

/** What does not succeed: how much, and the newest with object and reason. Nothing where all is well. */
export function setbackLines({ work, folders, contacts, newest }: SetbackStatus): string[] {
  if (work + folders + contacts === 0) return [];
  const sums = [
    ...(work > 0 ? [`${many(work, 'piece')} of work`] : []),
    ...(folders > 0 ? [many(folders, 'folder')] : []),
    ...(contacts > 0 ? [many(contacts, 'contact')] : []),
  ];
  const shown = newest.slice(0, SHOWN);
  const rest = work + folders + contacts - shown.length;
  return [
    `Without success: ${sums.join(', ')}; try at once with: contact-sync retry; what to do about each: contact-sync dead list`,
    ...shown.map((one) => `  ${setbackLine(one)}`),
    ...(rest > 0 ? [`  and ${count(rest)} more: --json shows more of them`] : []),
  ];
}

/** One thing that does not succeed, on one line. */
export function setbackLine({
  kind,
  tenant,
  mailbox,
  route,
  object,
  slab,
  reason,
  since,
  times,
  nextTry,
}: FailedThing): string {
  const what = [
    kind,
    tenant,
    ...(mailbox === null ? [] : [`mailbox ${mailbox}`]),
    ...(route === null ? [] : [`of ${route}`]),
    ...(mailbox === null && slab !== null ? [`slab ${slab}`] : []),
    ...(object === null ? [] : [object]),
  ];
  const next = nextTry === null ? 'not tried again before it changes' : `next try ${nextTry}`;
  return `${what.join(' ')}: ${reason} (${many(times, 'time')} since ${since}, ${next})`;
}
