import { total } from '../tenant/counts.ts';
import { batchesFor, figure, type Figure } from './figure.ts';
import { openOffice, type Counted } from './office.ts';

export interface IdleSweep {
  readonly people: number;
  readonly mailboxes: number;
  /** Groups that hold the people, inside the one that the job names. */
  readonly teams: number;
  readonly changed: number;
  /** As many contacts of the organisation, and an administrative unit, are sources as well. */
  readonly contacts?: number;
}

const HALF_A_DAY_MS = 12 * 3_600_000;

/**
 * A night on which the sweep finds a few changes that nobody announced. It is the second night: the first still has to
 * put together the tokens of groups that were found one after the other.
 */
export async function countIdleSweep({ changed, ...size }: IdleSweep): Promise<Counted> {
  const office = await openOffice({ ...size, owners: 'shown' });
  await office.fill();
  const sweep = (): Promise<Counted> =>
    office.count(async () => void (await office.service.assembly.keeper.sweep()));
  await sweep();
  await office.pass(HALF_A_DAY_MS);
  office.tenant.setFaults({ notificationLost: 1 });
  for (const { id } of office.people.slice(-changed)) {
    office.tenant.directory.updateUser(id, { jobTitle: 'Known to the sweep alone' });
  }
  await office.pass(HALF_A_DAY_MS);
  const night = await sweep();
  await office.close();
  if (night.writes !== changed * size.mailboxes)
    throw new Error(`the sweep led to ${night.writes} writes: it did not find what was there to be found`);
  return night;
}

/** Requests that ask for users without saying which: a listing of the directory. */
export function listings({ operations }: Counted): number {
  return total(operations, 'GET users');
}

export async function benchIdleSweep(size: IdleSweep): Promise<Figure> {
  const night = await countIdleSweep(size);
  const { people, mailboxes, teams, changed } = size;
  const counted = figure({
    name: 'idle sweep',
    unit: 'HTTP requests',
    measured: night.requests,
    target: 12,
    // One round over people, one for every 50 groups, the changed people, and their contacts.
    floor: 1 + Math.ceil((teams + 1) / 50) + batchesFor(changed) + batchesFor(night.writes),
    with: {
      people,
      mailboxes,
      groups: teams + 1,
      changed,
      writes: night.writes,
      listingsOfUsers: listings(night),
      roundsOverUsers: total(night.operations, 'GET users/delta'),
      tenant: 'simulated, in process, virtual time',
    },
  });
  return { ...counted, reached: counted.reached && listings(night) === 0 };
}
