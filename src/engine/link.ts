/** What the ledger knows of one item in one place (ledger-port.ts has the rules). */
import type { Fingerprint } from '../model/card.ts';
import type { LinkOrigin } from './ports.ts';

export interface LinkRecord {
  readonly person: number;
  readonly place: number;
  /** Null while a create's outcome is unknown. */
  readonly item: string | null;
  readonly origin: LinkOrigin;
  /** Of what the service answered to the last confirmed write. */
  readonly fingerprint: Fingerprint | null;
  /** The card's revision last confirmed in the item; 0 when none. */
  readonly revision: number;
  readonly state: LinkState;
  /** When the write whose outcome is unknown was sent (ms since 1970); null when nothing is unknown. */
  readonly attempted: number | null;
  /** The picture last confirmed in the item; null: none of ours. */
  readonly photo: Fingerprint | null;
}

export type LinkState =
  | 'known'
  | 'creating'
  | 'patching'
  | 'removing'
  /** Known again, but an earlier unknown write may still be applied late: looked at once more. */
  | 'settling'
  /** Our mark is off an original, but an earlier unknown write may put it back, or take a new one off: looked at once more. */
  | 'released'
  /**
   * A copy that stands in another folder than copies are made in: it goes, and is made anew there. `attempted`: its removal was sent.
   */
  | 'misplaced'
  /** The service refused this revision for good. */
  | 'refused'
  /** Its owner deleted it here and nowhere else: it is not made again, whatever becomes of it. */
  | 'declined';
