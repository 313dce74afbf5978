import type { TraceReport } from './report.ts';

/** What happens when nobody does anything; the first thing that is in the way, or to come. */
export function nextOf(report: Omit<TraceReport, 'next' | 'change' | 'together' | 'arrived'>): string {
  const { at, waiting, givenUp, cards, unread, lookedAt, writes } = report;
  const halted = cards.find(({ halt }) => halt !== null);
  if (halted?.halt === 'reverting') return `nothing: the job ${halted.job} is being taken back`;
  if (halted?.halt === 'paused')
    return `nothing while it is paused: "contact-sync resume" has the job ${halted.job} written`;
  const held = cards.find(({ state }) => state === 'held');
  if (held)
    return `the guard of the job ${held.job} holds the removal: "contact-sync status", then "contact-sync approve"`;
  const [thing] = givenUp;
  if (thing) return thing.next;
  const write = waiting.find(({ queue }) => queue === 'writes');
  if (write)
    return `slab ${write.slab} of ${write.tenant} is written ${when(write.due, at)}; "contact-sync explain" says more of one mailbox`;
  const unsent = cards.find(({ fannedOut, revision }) => fannedOut < revision);
  if (unsent) return 'a running service sends it to the mailboxes within a minute';
  const [look] = waiting;
  if (look)
    return `the object is looked at once more ${when(look.due, at)}, in case that a reading was stale`;
  if (unread !== null) return 'not known: the queues could not be read';
  if (writes.open.length > 0)
    return 'what was not done is found and done by the next turn, fill or audit of the mailbox; "contact-sync explain" says more of one';
  if (lookedAt !== null)
    return `not known: of a queue only the first ${lookedAt} messages were looked at, and it may be in one behind them; ask again when the queue is shorter`;
  return 'nothing: it is done';
}

function when(due: string, at: string): string {
  return due <= at ? 'as soon as a service gets to it' : `at ${due}`;
}
