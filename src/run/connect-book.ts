import type { Ledger } from '../engine/ledger-port.ts';
import type { Clock } from '../kit/clock.ts';
import { tenantOf } from '../model/exchange-place.ts';
import type { Route } from '../model/route.ts';
import { NO_THROTTLES, noSubscriptions, type Connection } from './connect.ts';
import type { Prints } from './prints.ts';
import type { NoteReads } from './recording.ts';

export interface BooksOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Every configured route. */
  readonly routes: readonly Route[];
  /** Key of the tenant whose mailboxes share, and its connection. */
  readonly tenant: string;
  readonly connection: Connection;
  readonly prints: Prints;
  readonly noteReads?: NoteReads;
}

/** The books of contacts that the mailboxes of a tenant share, beside the connection to them. */
export function connectBooks({
  ledger,
  clock,
  routes,
  tenant,
  connection,
  prints,
  noteReads,
}: BooksOptions): ReadonlyMap<string, Connection> {
  const books = new Map<string, Connection>();
  for (const { sourceTenant: source, shares, owns: fields } of routes) {
    if (shares === null || tenantOf(source) !== tenant || books.has(source)) continue;
    const { isPrivate, stamps } = shares;
    books.set(source, {
      source: connection.book({
        ledger,
        clock,
        source,
        fields,
        isPrivate,
        stamps,
        ...prints,
        ...(noteReads ? { noteReads: (reads) => noteReads(source, reads) } : {}),
      }),
      // Nothing stands in a book itself: its contacts stand in the mailboxes.
      target: {
        apply: () => Promise.reject(new Error('A book has no places.')),
        spare: async () => ({ operations: 0, idle: 0, askAt: clock.now() }),
      },
      book: () => {
        throw new Error('A book has no books.');
      },
      owners: connection.owners,
      subscriptions: noSubscriptions('A book'),
      throttles: NO_THROTTLES,
      restore: () => {},
      take: () => {},
      // What it asks, it asks by the connection to the mailboxes, which counts.
      answers: { all: () => [] },
      httpRequests: () => 0,
      writes: () => 0,
      close: async () => {},
    });
  }
  return books;
}
