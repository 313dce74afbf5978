import { createHmac } from 'node:crypto';

/** The neutral contact card that a route shapes from its source. `null` and `[]` mean: cleared. */
export interface Card {
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly emailAddresses: readonly EmailAddress[];
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
}

export interface EmailAddress {
  readonly name: string | null;
  readonly address: string;
}

/** A keyed digest of a card, 8 bytes as 16 hex digits: tells equal from changed, and nothing about the content. */
export type Fingerprint = string;

/** One spelling per card: an absent value, `null` and the empty string are the same; white space around counts for nothing. */
function canonical(card: Card): string {
  return JSON.stringify([
    text(card.displayName),
    text(card.givenName),
    text(card.surname),
    text(card.jobTitle),
    text(card.department),
    text(card.companyName),
    card.emailAddresses.map((email) => [text(email.name), text(email.address)]),
    text(card.mobilePhone),
    card.businessPhones.map(text),
  ]);
}

function text(value: string | null | undefined): string {
  return value?.trim() ?? '';
}

/** HMAC, so that nobody who reads the ledger can try out phone numbers. */
export function fingerprint(key: Uint8Array, card: Card): Fingerprint {
  return createHmac('sha256', key).update(canonical(card)).digest('hex').slice(0, 16);
}

/** Names of the fields in which two cards differ, as far as a fingerprint would tell. Names only, so they may be shown. */
export function changedFields(before: Card, after: Card): string[] {
  const names = Object.keys(after).filter((name): name is keyof Card => name in after);
  return names.filter((name) => canonical({ ...before, [name]: after[name] }) !== canonical(before));
}
