import { PROPERTY_SET } from './marks.ts';

/**
 * Which edit a copy shows, written with every write into a contact that is shared: when it was made, and the keyed digest of
 * what was sent with it. A copy that reads otherwise was edited since.
 */
export interface ShownEdit {
  /** Milliseconds since 1970. */
  readonly editedAt: number;
  readonly fingerprint: string;
}

export const SHOWN_PROPERTY = `String ${PROPERTY_SET} Name EntraContactSyncShown`;

export function shownValue({ editedAt, fingerprint }: ShownEdit): string {
  return `${editedAt}/${fingerprint}`;
}

/** Null for anything that `shownValue` did not write. */
export function readShown(value: string | null): ShownEdit | null {
  const [, at, fingerprint] = /^(\d{1,16})\/([0-9a-f]{16})$/.exec(value ?? '') ?? [];
  return at === undefined || fingerprint === undefined ? null : { editedAt: Number(at), fingerprint };
}
