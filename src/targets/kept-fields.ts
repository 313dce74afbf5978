import { cardOf, needsContactRow } from '../exchange/contact-fields.ts';
import { guidOf, type MailContacts, type Sending } from '../exchange/mail-contacts.ts';
import type { Row } from '../exchange/transport.ts';
import type { Card, CardField } from '../model/card.ts';

interface Kept {
  /** Fields that the route fills, in whosever card it is. */
  readonly owned: readonly CardField[];
  /** Of `Get-MailContact`, before it was written; undefined for a contact that was just made. */
  readonly row: Row | undefined;
}

/**
 * A card as it stands in the contact: with what it did not say anything of, and what was left as it is. Where everything was said
 * nothing is read.
 */
export async function withKept(
  card: Card,
  { owned, row }: Kept,
  { contacts, sending }: { readonly contacts: MailContacts; readonly sending: Sending },
): Promise<Card> {
  const left = owned.filter((name) => card[name] === undefined);
  if (left.length === 0) return card;
  const guid = guidOf(row ?? {});
  const isAsked = row !== undefined && needsContactRow(left);
  const contact = isAsked ? (await contacts.personal(guid, sending)).get(guid) : undefined;
  return { ...cardOf({ mail: row ?? {}, contact: contact ?? {} }, left, () => null), ...card };
}
