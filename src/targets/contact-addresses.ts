import { addressOf } from '../exchange/contact-fields.ts';
import { guidOf, markIn, type MailContacts, type Sending } from '../exchange/mail-contacts.ts';
import type { Recent } from '../exchange/recent.ts';
import { CONFLICTS } from '../exchange/transport.ts';
import type { Card } from '../model/card.ts';
import { Fault } from '../model/fault.ts';

/** Whether a user or a guest of the tenant has this address, in whatever way (`mail`, `otherMails`, `proxyAddresses`). */
export type AddressOwners = (address: string, sending: Sending) => Promise<'guest' | 'user' | null>;

/** What decides whether an address may be given to a contact. */
export interface Addresses {
  /**
   * A user or guest who has it would lose it, or mail would go astray: throws `conflict`, so that it is tried again, ever more
   * slowly. There is no way to force it.
   */
  demandFree(address: string, sending: Sending): Promise<void>;
  /**
   * Exchange says that it is taken. Throws `conflict` where somebody can be seen who has it, with a code of its own where that is
   * another contact of ours, which may give it up yet; returns where nobody can be seen.
   */
  refuseHeld(address: string, sending: Sending): Promise<void>;
}

export function createAddresses({
  contacts,
  owners,
  mark,
  recent,
}: {
  readonly contacts: MailContacts;
  readonly owners: AddressOwners;
  readonly mark: string;
  readonly recent: Recent;
}): Addresses {
  return {
    demandFree: async (address, sending) => {
      const owner = await owners(address, sending);
      if (owner === null) return;
      throw new Fault('conflict', 'a user or guest of the tenant has this address', {
        code: owner === 'guest' ? 'AddressOfGuest' : 'AddressOfUser',
      });
    },
    refuseHeld: async (address, sending) => {
      const all = await contacts.holders(address, sending);
      const holders = all.filter((row) => !recent.wasRemoved(guidOf(row)));
      if (holders.length === 0) return;
      if (holders.every((row) => markIn(row, mark) !== undefined))
        throw new Fault('conflict', 'another contact of ours has this address for now', {
          code: 'AddressOfOurs',
        });
      throw new Fault('conflict', 'another recipient has this address', { code: 'AddressInUse' });
    },
  };
}

/** Exchange makes no contact without an address. */
export function demandAddress(card: Card): string {
  const address = addressOf(card);
  if (address === undefined) throw new Fault('invalid', 'the person has no address', { code: 'NoAddress' });
  return address;
}

/** The code of what a name or an address collides with; undefined for any other failure. */
export function collisionOf(error: unknown): string | undefined {
  if (!(error instanceof Fault) || error.kind !== 'conflict') return undefined;
  return error.code === CONFLICTS.address || error.code === CONFLICTS.name ? error.code : undefined;
}
