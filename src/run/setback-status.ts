import type { Ledger } from '../engine/ledger-port.ts';
import type { Setback } from '../engine/setback-book.ts';
import { workOf } from '../engine/setbacks.ts';

export interface SetbackStatus {
  /** Work that failed again and again: changes and writes that would be lost if they were not kept here. */
  readonly work: number;
  /** Folders that cannot be made or renamed. */
  readonly folders: number;
  /** Contacts that are refused, or failed several times in a row. */
  readonly contacts: number;
  readonly newest: readonly FailedThing[];
}

export interface FailedThing {
  readonly kind: string;
  readonly tenant: string;
  /** Object id of the mailbox's owner; of folders and contacts. */
  readonly mailbox: string | null;
  readonly route: string | null;
  /** Object id of the person or group, id of a subscription; null where it is about a folder or all of a slab. */
  readonly object: string | null;
  readonly slab: number | null;
  readonly reason: string;
  readonly since: string;
  readonly at: string;
  readonly times: number;
  /** Null: not by itself. */
  readonly nextTry: string | null;
}

/** More than a person reads. */
const NEWEST = 100;

/** What does not succeed, and why. */
export async function setbacksOf({ setbacks }: Pick<Ledger, 'setbacks'>): Promise<SetbackStatus> {
  const counts = await setbacks.count();
  return {
    work: workOf(counts),
    folders: counts.get('folder') ?? 0,
    contacts: counts.get('contact') ?? 0,
    newest: (await setbacks.latest(NEWEST)).map(failedThing),
  };
}

export function failedThing(setback: Setback): FailedThing {
  const { kind, tenant, mailbox, route, object, slab, reason, since, at, times, retryAt } = setback;
  return {
    kind,
    tenant,
    mailbox,
    route,
    object,
    slab,
    reason,
    since: new Date(since).toISOString(),
    at: new Date(at).toISOString(),
    times,
    nextTry: retryAt === null ? null : new Date(retryAt).toISOString(),
  };
}
