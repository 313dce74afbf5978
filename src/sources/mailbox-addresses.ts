import type { Urgency } from '../engine/ports.ts';
import { getUser, readPerson } from '../graph/directory.ts';
import type { Packer } from '../graph/packer.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';

/** Who is renamed goes by the old name for so long. */
const KEPT_MS = 3_600_000;
const KEPT_AT_MOST = 20_000;
/** Where Graph did not tell it is not asked for each contact, but after a while. */
const REFUSED_MS = 60_000;

interface Kept {
  readonly address: Promise<string>;
  until: number;
}

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
  const kept = new Map<string, Kept>();

  async function ask(mailbox: string, urgency: Urgency): Promise<string | null> {
    try {
      const person = readPerson(await packer.call(getUser(mailbox, ['userPrincipalName'], urgency)));
      return person.userPrincipalName ?? mailbox;
    } catch (error) {
      if (error instanceof Fault) return null;
      throw error;
    }
  }

  /** Whoever asks meanwhile waits for the same answer. */
  function keep(mailbox: string, urgency: Urgency): Promise<string> {
    const before = kept.get(mailbox)?.address;
    const one: Kept = {
      address: ask(mailbox, urgency).then(async (address) => {
        one.until = clock.now() + (address === null ? REFUSED_MS : KEPT_MS);
        return address ?? (await before) ?? mailbox;
      }),
      until: Infinity,
    };
    one.address.catch(() => kept.delete(mailbox));
    kept.delete(mailbox);
    kept.set(mailbox, one);
    if (kept.size > KEPT_AT_MOST) kept.delete(kept.keys().next().value ?? mailbox);
    return one.address;
  }

  return async (mailbox, urgency) => {
    const known = kept.get(mailbox);
    return known && clock.now() < known.until ? known.address : keep(mailbox, urgency);
  };
}
