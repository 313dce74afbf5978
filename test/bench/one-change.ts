import { batchesFor, figure, type Figure } from './figure.ts';
import { openOffice, type Counted } from './office.ts';

export interface OneChange {
  readonly change: Counted;
  /** Looks at the person again, minutes later, because the first reading may have been stale. */
  readonly secondLooks: Counted;
}

/** By then every second look has been had, the quiet one included. */
const LOOKS_OVER_MS = 600_000;

/** One person's title changes, Graph posts a notification, and as many mailboxes follow. */
export async function countOneChange(mailboxes: number): Promise<OneChange> {
  const office = await openOffice({ people: 5, mailboxes, owners: 'others' });
  await office.fill();
  await office.pass(LOOKS_OVER_MS);
  const [somebody] = office.people;
  if (!somebody) throw new Error('an office without people');
  const change = await office.count(() => {
    office.tenant.directory.updateUser(somebody.id, { jobTitle: 'Head of Everything' });
  });
  const secondLooks = await office.pass(LOOKS_OVER_MS);
  await office.close();
  return { change, secondLooks };
}

/** ceil(M/20) + 4: the writes, the read, and room for what a turn needs besides. */
export function oneChangeTarget(mailboxes: number): number {
  return batchesFor(mailboxes) + 4;
}

export async function benchOneChange(mailboxes: number): Promise<Figure> {
  const { change, secondLooks } = await countOneChange(mailboxes);
  return figure({
    name: `one changed person, ${mailboxes} mailboxes`,
    unit: 'HTTP requests',
    measured: change.requests,
    target: oneChangeTarget(mailboxes),
    floor: batchesFor(mailboxes) + 1,
    with: {
      mailboxes,
      policy: 'economy',
      writes: change.writes,
      secondLooks: secondLooks.requests,
      tenant: 'simulated, in process, virtual time',
    },
  });
}
