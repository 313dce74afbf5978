/** What the engine asks and is told of contacts that places share (ports.ts has the rest). */
import type { Card, CardField, Fingerprint } from '../model/card.ts';
import type { Intimacy } from '../model/route.ts';
import type { LinkOrigin } from './ports.ts';

/** Asked in places that share their contacts: of anybody's contacts, not of ours alone. */
export type SharedOperation =
  /** Everything that stands in the folder: `surveyed`. */
  | {
      readonly kind: 'survey';
      readonly mailbox: string;
      readonly route: string;
      readonly folder: string;
      readonly fields: readonly CardField[];
    }
  /** One contact, where it stands in this folder, or anywhere in the mailbox (`folder` null); nothing otherwise: `surveyed`. */
  | {
      readonly kind: 'look-at';
      readonly mailbox: string;
      readonly route: string;
      readonly folder: string | null;
      readonly item: string;
      readonly fields: readonly CardField[];
    };

/** A contact of anybody's. In memory only. */
export interface SharedItem {
  readonly item: string;
  readonly card: Card;
  /** In which folder it stands, as the service knows it; null where it does not say. */
  readonly folder: string | null;
  /** Ours for the route; `foreign`: nothing that may be shared; null: nobody has met it yet. */
  readonly mark: { readonly identity: string; readonly origin: LinkOrigin } | 'foreign' | null;
  /** What we have written there last; null: nothing. */
  readonly shown: Shown | null;
  /** When anybody wrote there last, we among them (milliseconds since 1970). */
  readonly modified: number;
  readonly intimacy: Intimacy;
  /** SyncIds that another tool has left. */
  readonly tags: readonly string[];
  /** What its owner wrote about it; null where that is not known to its end. Never in anybody else's contact. */
  readonly notes: string | null;
  /** To be handed back with the next write: should somebody write in between, it is refused. */
  readonly version: string | null;
}

/** Which edit a write brings: when it was made (milliseconds since 1970), and the fingerprint of its card. */
export interface Shown {
  readonly editedAt: number;
  readonly fingerprint: Fingerprint;
}

/** What a write into a shared contact bears beside its card. */
export interface SharedWrite {
  readonly shown?: Shown;
  /** In place of the notes that were looked at a moment ago: the same, with a tag. */
  readonly notes?: string;
  /** Of the contact as it was looked at a moment ago. */
  readonly version?: string;
}
