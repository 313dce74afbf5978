import type { Urgency } from '../engine/ports.ts';
import { getUser, readPerson } from '../graph/directory.ts';
import type { Packer } from '../graph/packer.ts';
import type { Clock } from '../kit/clock.ts';
import { createPaced, type Paced } from '../kit/paced.ts';
import { Fault } from '../model/fault.ts';

/** Who is renamed goes by the old name for so long. */
const KEPT_MS = 3_600_000;
const KEPT_AT_MOST = 20_000;
/** Where Graph did not tell it is not asked for each contact, but after a while. */
const REFUSED_MS = 60_000;

interface Kept {
  readonly address: Paced<string>;
  /** Of whoever asked last: how urgent a reading is that is due now. */
  urgency: Urgency;
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

  function addressOf(mailbox: string, first: Urgency): Kept {
    let [address, isKnown] = [mailbox, false];
    const one: Kept = {
      urgency: first,
      address: createPaced({
        clock,
        read: async () => {
          try {
            const call = getUser(mailbox, ['userPrincipalName'], one.urgency);
            address = readPerson(await packer.call(call)).userPrincipalName ?? mailbox;
            isKnown = true;
          } catch (error) {
            if (!(error instanceof Fault)) throw error;
            isKnown = false;
          }
          return address;
        },
        keptUntil: ({ at, failed }) => (failed ? at : at + (isKnown ? KEPT_MS : REFUSED_MS)),
      }),
    };
    return one;
  }

  return async (mailbox, urgency) => {
    const one = kept.get(mailbox) ?? addressOf(mailbox, urgency);
    one.urgency = urgency;
    // Those that were asked for last stay.
    if (one.address.restMs() === 0) {
      kept.delete(mailbox);
      kept.set(mailbox, one);
      if (kept.size > KEPT_AT_MOST) kept.delete(kept.keys().next().value ?? mailbox);
    }
    return one.address.get();
  };
}
