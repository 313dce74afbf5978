import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { total } from '../tenant/counts.ts';
import { batchesFor, figure, rounded, type Figure } from './figure.ts';
import { openOffice, type Counted } from './office.ts';

export interface BulkChange {
  /** All of them change at once. */
  readonly people: number;
  readonly mailboxes: number;
}

export interface BulkCounted extends Counted {
  /** What the process kept of memory afterwards beyond what it had before, in MiB: the tenant's contacts are replaced, not added. */
  readonly grownMiB: number;
}

const LOOKS_OVER_MS = 600_000;

/** Everybody's title changes in one moment, and every mailbox follows. */
export async function countBulkChange({ people, mailboxes }: BulkChange): Promise<BulkCounted> {
  const office = await openOffice({ people, mailboxes, owners: 'others' });
  await office.fill();
  await office.pass(LOOKS_OVER_MS);
  const before = liveMiB();
  const change = await office.count(() => {
    for (const { id } of office.people) office.tenant.directory.updateUser(id, { jobTitle: 'Reorganised' });
  });
  const grownMiB = liveMiB() - before;
  await office.close();
  return { ...change, grownMiB };
}

/** Memory in use, once what is garbage has been collected. */
function liveMiB(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Writes, a reading of everybody, and a twentieth for the ends of turns. */
export function bulkChangeTarget({ people, mailboxes }: BulkChange): number {
  return Math.floor(1.05 * batchesFor(people * mailboxes));
}

export async function benchBulkChange(size: BulkChange): Promise<Figure> {
  const { requests, writes, operations, grownMiB } = await countBulkChange(size);
  const floor = batchesFor(writes);
  return figure({
    name: `${size.people} people change at once, ${size.mailboxes} mailboxes`,
    unit: 'HTTP requests',
    measured: requests,
    target: bulkChangeTarget(size),
    floor,
    with: {
      ...size,
      policy: 'economy',
      writes,
      readings: total(operations, 'GET users/{id}'),
      ratio: rounded(requests / floor, 3),
      memoryGrownMiB: rounded(grownMiB, 1),
      tenant: 'simulated, virtual time',
    },
  });
}
