import type { Urgency } from '../engine/ports.ts';
import { getUser, readPerson } from '../graph/directory.ts';
import type { Packer } from '../graph/packer.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';

/** Who is renamed goes by the old name for so long. */
const KEPT_MS = 3_600_000;
const KEPT_AT_MOST = 20_000;

/**
 * The addresses that people sign in with, by the object ids of their mailboxes. In memory only. An address that cannot be had keeps
 * nothing from being written: the id stands in its place.
 */
export function createMailboxAddresses({
  packer,
  clock,
}: {
  readonly packer: Pick<Packer, 'call'>;
  readonly clock: Clock;
}): (mailbox: string, urgency: Urgency) => Promise<string> {
  const kept = new Map<string, { readonly address: string; readonly until: number }>();
  return async (mailbox, urgency) => {
    const known = kept.get(mailbox);
    if (known && clock.now() < known.until) return known.address;
    try {
      const person = readPerson(await packer.call(getUser(mailbox, ['userPrincipalName'], urgency)));
      const address = person.userPrincipalName ?? mailbox;
      kept.delete(mailbox);
      kept.set(mailbox, { address, until: clock.now() + KEPT_MS });
      if (kept.size > KEPT_AT_MOST) kept.delete(kept.keys().next().value ?? mailbox);
      return address;
    } catch (error) {
      if (error instanceof Fault) return known?.address ?? mailbox;
      throw error;
    }
  };
}
