import type { Ledger } from './ledger-port.ts';
import type { ActiveRoute } from './needs.ts';

/** A subject by which shared contacts are met is no object id. */
const OF_A_BOOK = /^[0-9a-f]{16}$/;

export function isOfBook(subject: string): boolean {
  return OF_A_BOOK.test(subject);
}

/** What the configuration says of people who are kept out becomes the ledger's; whoever is let in again is looked for. */
export async function agreeKeptOut(
  { ledger, routes }: { readonly ledger: Ledger; readonly routes: readonly ActiveRoute[] },
  subjects: readonly string[],
  at: number,
): Promise<void> {
  const letIn = await ledger.keptOut.agree(subjects, at);
  if (letIn.some(isOfBook)) await meetAnew(ledger, routes);
}

/**
 * Contacts that mailboxes share, and that nobody may share any more, are strangers where they stand: every such place is read as a
 * whole, so that those that may be shared again are met.
 */
export async function meetAnew(
  ledger: Pick<Ledger, 'mailboxes' | 'audits'>,
  routes: readonly Pick<ActiveRoute, 'key' | 'targetTenant' | 'shares'>[],
): Promise<void> {
  for (const { key, targetTenant, shares } of routes) {
    if (shares === null) continue;
    const places = await ledger.mailboxes.sharing(targetTenant, [key]);
    await ledger.audits.ask(
      places.map(({ place }) => place),
      'full',
    );
  }
}
