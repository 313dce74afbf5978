import type { BusHold, Part } from './hold.ts';
import type { Hand } from './shelf.ts';

/**
 * A message that ends the process which handles it never comes to a verdict. All that the bus can tell is how often it was
 * delivered to somebody who vanished, and that it tells of everything else that was here at the time as well: whoever
 * judged by that number would bury the good with the bad. So a message that was there when several holders vanished is a
 * suspect: it is handed out by itself, one in a process at a time, after a note was made in its session's state. The note
 * is struck out when a verdict comes; where it stays, time and again, nothing else can have been the cause.
 */
const SUSPECT_AFTER = 5;
const LAST_CHARGE = 5;

export function isSuspect(deliveriesBefore: number): boolean {
  return deliveriesBefore >= SUSPECT_AFTER;
}

export const POISON = `ended its handler ${LAST_CHARGE} times by itself`;

type AnyHand = Pick<Hand<unknown, Part, BusHold>, 'bucket' | 'items'>;

/** Makes the note before the message is handed out. False: that was the last time, and it is a dead letter now. */
export async function charge({ bucket, items }: AnyHand): Promise<boolean> {
  for (const { suspect, parts } of items.values()) {
    const [part] = parts;
    const id = part?.message.messageId;
    if (!suspect || part === undefined || id === undefined) continue;
    const name = String(id);
    const times = bucket.state.charges[name] ?? 0;
    if (times >= LAST_CHARGE) {
      await bucket.bury(part, POISON);
      await acquit({ bucket, items });
      return false;
    }
    await bucket.keep((state) => ({ ...state, charges: { ...state.charges, [name]: times + 1 } }));
  }
  return true;
}

/** There was a verdict. */
export async function acquit({ bucket, items }: AnyHand): Promise<void> {
  const names = [...items.values()].flatMap(({ suspect, parts }) =>
    suspect ? parts.map(({ message }) => String(message.messageId)) : [],
  );
  if (!names.some((name) => name in bucket.state.charges)) return;
  await bucket.keep((state) => ({
    ...state,
    charges: Object.fromEntries(Object.entries(state.charges).filter(([name]) => !names.includes(name))),
  }));
}
