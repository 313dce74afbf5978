import { isUtf8 } from 'node:buffer';
import type { Outgoing, Outlet } from '../src/engine/queue-port.ts';
import type { Clock } from '../src/kit/clock.ts';
import { changeKey, type Change } from '../src/model/change.ts';
import type { Complaints } from './complaints.ts';
import type { Counters } from './counters.ts';
import type { ReadItem } from './items.ts';

/** A status and, unless it is 202, one line of text. */
export interface Answer {
  readonly status: number;
  readonly line?: string;
  /** Whether something in the post was ours: only such answers count as early or late. */
  readonly genuine?: boolean;
}

export interface ReceiveNeeds {
  readonly changes: Pick<Outlet<Change>, 'send'>;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly complaints: Complaints;
  readonly maxItems: number;
}

const STORED: Answer = { status: 202, genuine: true };

/**
 * One post, from its bytes to its answer: 202 only when every genuine item is durably in the queue, in one send.
 * Forged items are accepted without effect, as Microsoft recommends: a refusal would be retried for four hours and
 * would show an attacker what is checked.
 */
export async function receive(body: Buffer, readItem: ReadItem, needs: ReceiveNeeds): Promise<Answer> {
  const items = itemsOf(body);
  if (items === null) return { status: 400, line: 'The body is not a JSON object with a list named value.' };
  if (items.length > needs.maxItems)
    return { status: 413, line: `More than ${needs.maxItems} notifications.` };
  const found = readAll(items, readItem, needs.clock.now());
  account(found, needs);
  if (items.length > 0 && found.malformed === items.length) {
    return { status: 400, line: 'No item of the list is a notification.' };
  }
  if (found.messages.length === 0) return { status: 202, genuine: found.ignored > 0 };
  try {
    await needs.changes.send(found.messages);
  } catch (error) {
    needs.complaints.about('notifications-unstored', found.messages.length, error);
    return { status: 503, line: 'The notifications cannot be stored now.', genuine: true };
  }
  needs.counters.accepted += found.messages.length;
  return STORED;
}

interface Found {
  readonly messages: Outgoing<Change>[];
  forged: number;
  malformed: number;
  ignored: number;
}

function readAll(items: readonly unknown[], readItem: ReadItem, at: number): Found {
  const found: Found = { messages: [], forged: 0, malformed: 0, ignored: 0 };
  for (const item of items) {
    const reading = readItem(item, at);
    if (typeof reading === 'string') found[reading] += 1;
    else {
      const key = changeKey(reading);
      found.messages.push({ key, mergeKey: key, body: reading });
    }
  }
  return found;
}

function account(found: Found, { counters, complaints }: ReceiveNeeds): void {
  counters.forged += found.forged;
  counters.malformed += found.malformed;
  counters.ignored += found.ignored;
  if (found.forged > 0) complaints.about('notifications-forged', found.forged);
  if (found.malformed > 0) complaints.about('notifications-malformed', found.malformed);
}

function itemsOf(body: Buffer): readonly unknown[] | null {
  if (!isUtf8(body)) return null;
  try {
    const post: unknown = JSON.parse(body.toString());
    if (typeof post !== 'object' || post === null || !('value' in post)) return null;
    return Array.isArray(post.value) ? post.value : null;
  } catch {
    return null;
  }
}
