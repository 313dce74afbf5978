import type { Counters } from '../engine/ledger-books.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';

/** Counters of a ledger in which a move leaves word of it (milliseconds since 1970); they are not carried over. */
export const MOVING_IN = 'moving in since';
export const MOVED_AWAY = 'moved away at';

/** Throws one line when the ledger is half of a move, or was left behind by one: nobody may work on it. */
export async function refuseMoved({ read }: Pick<Counters, 'read'>): Promise<void> {
  if ((await read(MOVING_IN)) > 0)
    throw new DataFolderFault(
      'a move into this ledger is not done: start "contact-sync move" again, it begins anew',
    );
  const at = await read(MOVED_AWAY);
  if (at > 0)
    throw new DataFolderFault(
      `this ledger was moved elsewhere at ${new Date(at).toISOString()}: two of them must not work on the same mailboxes`,
    );
}
