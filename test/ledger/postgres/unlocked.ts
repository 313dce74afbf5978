import type { Ledger } from '../../../src/engine/ledger-port.ts';
import { openMeddled } from './database.ts';

/** The ledger as it would be if its transactions were PostgreSQL's ordinary ones. */
export function openUnlocked(url: string): Promise<Ledger> {
  return openMeddled(
    url,
    (query) => (text, parameters) =>
      query(text.startsWith('begin') ? 'begin' : text.replace(' for update', ''), parameters),
  );
}
