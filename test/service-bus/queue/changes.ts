import type { Kept } from './message.ts';

/** What a queue tells whoever wants to build it again after a crash. */
export type Change =
  | { readonly kind: 'kept'; readonly message: Kept }
  /** Its count, state or properties are others now. */
  | { readonly kind: 'marked'; readonly message: Kept }
  | { readonly kind: 'dropped'; readonly sequence: number }
  | { readonly kind: 'state'; readonly sessionId: string; readonly state: Buffer | null }
  | { readonly kind: 'seen'; readonly messageId: string; readonly at: number };

/** Everything of a queue that outlives a crash. Locks do not. */
export interface Remains {
  readonly messages: readonly Kept[];
  readonly states: ReadonlyMap<string, Buffer>;
  /** Oldest first. */
  readonly seen: ReadonlyMap<string, number>;
  /** The last number that was given out. */
  readonly sequence: number;
}
