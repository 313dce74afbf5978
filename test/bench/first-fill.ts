import { total } from '../tenant/counts.ts';
import { batchesFor, figure, SUB_REQUESTS_A_BATCH, type Figure } from './figure.ts';
import { openOffice, type Counted } from './office.ts';

export interface FirstFill {
  readonly people: number;
  readonly mailboxes: number;
}

/** From nothing to every contact in every mailbox: subscriptions, the first rounds, all people read, all written. */
export async function countFirstFill(size: FirstFill): Promise<Counted & { readonly ledgerBytes: number }> {
  const office = await openOffice({ ...size, teams: Math.ceil(size.people / 50), owners: 'shown' });
  const fill = await office.fill();
  const ledgerBytes = office.service.ledgerBytes();
  await office.close();
  return { ...fill, ledgerBytes };
}

/** Batches 95 percent full, and three requests for each mailbox. */
export function firstFillTarget(writes: number, mailboxes: number): number {
  return Math.floor(writes / SUB_REQUESTS_A_BATCH / 0.95 + 3 * mailboxes);
}

export async function benchFirstFill(size: FirstFill): Promise<Figure> {
  const { people, mailboxes } = size;
  const fill = await countFirstFill(size);
  return figure({
    name: `first fill, ${people} people x ${mailboxes} mailboxes`,
    unit: 'HTTP requests',
    measured: fill.requests,
    target: firstFillTarget(fill.writes, mailboxes),
    floor: batchesFor(fill.writes) + batchesFor(people),
    with: {
      people,
      mailboxes,
      writes: fill.writes,
      batches: total(fill.operations, 'POST $batch'),
      rounds: total(fill.operations, 'GET users/delta') + total(fill.operations, 'GET groups/delta'),
      tenant: 'simulated, in process, virtual time',
    },
  });
}
