import type { Route } from '../model/route.ts';
import type { Ledger } from './ledger-port.ts';

/** A subject by which shared contacts are met is no object id. */
const OF_A_BOOK = /^[0-9a-f]{16}$/;

export function isOfBook(subject: string): boolean {
  return OF_A_BOOK.test(subject);
}

type Shared = Pick<Route, 'id' | 'targetTenant' | 'shares'>;

/**
 * What the configuration says of people who are kept out becomes the ledger's; whoever is let in again is looked for, in the
 * mailboxes of all configured routes, also of those that rest. Asked for first: a start that dies in between asks again.
 */
export async function agreeKeptOut(
  { ledger, configured }: { readonly ledger: Ledger; readonly configured: readonly Shared[] },
  subjects: readonly string[],
  at: number,
): Promise<void> {
  const dropped = await ledger.keptOut.dropped(subjects);
  if (dropped.some(isOfBook)) await meetAnew(ledger, configured);
  await ledger.keptOut.agree(subjects, at);
}

/**
 * Contacts that mailboxes share, and that nobody may share any more, are strangers where they stand: every such place is read as a
 * whole, so that those that may be shared again are met.
 */
export async function meetAnew(
  ledger: Pick<Ledger, 'routes' | 'mailboxes' | 'audits'>,
  routes: readonly Shared[],
): Promise<void> {
  const keys = new Map((await ledger.routes.all()).map(({ id, key }) => [id, key]));
  for (const { id, targetTenant, shares } of routes) {
    const key = keys.get(id);
    if (shares === null || key === undefined) continue;
    const places = await ledger.mailboxes.sharing(targetTenant, [key]);
    await ledger.audits.ask(
      places.map(({ place }) => place),
      'full',
    );
  }
}
