import { seededRandom } from '../kit/seeded-random.ts';
import { person } from '../tenant/population.ts';
import { figure, rounded, type Figure } from './figure.ts';
import { floorOf, type Given } from './floor.ts';
import { openOffice, type Counted, type Office } from './office.ts';
import { LIMITS } from './service.ts';

export interface Joiner {
  readonly mailboxes: number;
  readonly policy: Given['policy'];
}

/** What one call to Outlook takes; an assumption that every figure names. */
export const OUTLOOK_MS = 150;
/** By then every second look has been had, the quiet one included. */
const LOOKS_OVER_MS = 600_000;
/** Somebody that no made-up office has. */
const NEWCOMER = 900_000;

/** Somebody joins the group that is shown, and becomes a contact in every mailbox. */
export async function countJoiner({ mailboxes, policy }: Joiner): Promise<Counted> {
  const conditions = { latencyMs: OUTLOOK_MS, policy };
  const office = await openOffice({ people: 2, mailboxes, owners: 'others', conditions });
  await office.fill();
  await office.pass(LOOKS_OVER_MS);
  const joined = await join(office, NEWCOMER);
  await office.close();
  return joined;
}

function join(office: Office, number: number): Promise<Counted> {
  const { tenant, source } = office;
  return office.count(() => {
    const { id } = tenant.directory.addUser(person(seededRandom(number), number, false));
    tenant.directory.addMember(source, id);
  });
}

/** Requests, and the time from the first batch that writes to the last answer, each beside the floor of the policy. */
export async function benchJoiner(joiner: Joiner): Promise<Figure[]> {
  const { mailboxes, policy } = joiner;
  const given: Given = { policy, concurrency: LIMITS.concurrency, latencyMs: OUTLOOK_MS };
  const { requests, writes, traffic } = await countJoiner(joiner);
  const floor = floorOf(writes, given);
  const about = {
    mailboxes,
    ...given,
    writes,
    mostInFlight: traffic.mostInFlight,
    tenant: 'simulated, virtual time',
  };
  const name = `joiner, ${mailboxes} mailboxes, ${policy}`;
  return [
    figure({
      name,
      unit: 'HTTP requests',
      measured: requests,
      target: floor.batches + 10,
      floor: floor.batches,
      with: { ...about, ratio: rounded(requests / floor.batches, 3) },
    }),
    figure({
      name,
      unit: 'ms from first write to last',
      measured: traffic.tookMs,
      target: Math.floor(1.1 * floor.tookMs),
      floor: floor.tookMs,
      with: { ...about, ratio: rounded(traffic.tookMs / floor.tookMs, 3) },
    }),
  ];
}
