import type { Seen } from './ledger-port.ts';

/** What a change to the place is decided on: should it have begun anew since, the change is void. */
export function seen({ place, epoch }: Seen): Seen {
  return { place, epoch };
}
