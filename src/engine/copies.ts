import type { PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import type { Operation } from './ports.ts';
import { noteTroubles } from './trouble.ts';
import { raise, type Turn } from './turn.ts';

export interface Copy {
  readonly place: PlaceRecord;
  readonly item: string;
  /** Whose the mark is. */
  readonly identity: string;
}

/** Second items with one mark of ours. The pair is looked at again later, so a failure here is not the last word. */
export async function removeCopies(needs: Needs, turn: Turn, copies: readonly Copy[]): Promise<void> {
  if (copies.length === 0) return;
  await raise(needs, turn);
  const operations = copies.map(({ place, item, identity }): Operation => ({
    kind: 'remove',
    mailbox: place.owner,
    folder: place.folder ?? '',
    route: place.routeId,
    item,
    identity,
  }));
  const outcomes = await portOf(needs.targets, turn.tenant).apply(operations, 'live');
  await noteTroubles(
    needs,
    turn.tenant,
    copies.map(({ place }, index) => ({ place, outcome: outcomes[index] })),
  );
}
