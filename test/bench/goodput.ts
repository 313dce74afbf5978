import type { Faults } from '../tenant/faults.ts';
import { figure, rounded, type Figure } from './figure.ts';
import { OUTLOOK_MS } from './joiner.ts';
import { openOffice, type Office } from './office.ts';
import { LIMITS } from './service.ts';

export interface Goodput {
  readonly people: number;
  readonly mailboxes: number;
}

export interface Measured {
  /** Calls that succeeded while it was measured. */
  readonly succeeded: number;
  /** Calls that could have succeeded: see `allowance`. */
  readonly allowed: number;
  readonly seconds: number;
  readonly injected: number;
  /** Calls before a Retry-After had passed. */
  readonly early: number;
}

/** One call in twenty fails, in equal parts, as services do: 429 and 503 with and without a word about when to come back, 504 applied or not. */
const ONE_IN_TWENTY: Faults = {
  throttleInside: 0.0167,
  unavailable503: 0.0167,
  gatewayTimeoutApplied: 0.0083,
  gatewayTimeoutNotApplied: 0.0083,
};
const SAMPLE_MS = 50;
/**
 * Measured until so much is done: after that mailboxes that were told to wait for ten minutes are all that is left; or until
 * the fullest mailbox is so full, since what is left in a full one are creates in doubt, which nobody may repeat before the
 * gateway's time is over.
 */
const SHARE = 0.7;
const FULLEST = 0.95;
const LONGEST_MS = 6 * 3_600_000;

/**
 * A fill while one call in twenty fails. Allowed is, at every instant, four calls for each slot that a mailbox could use,
 * one that is not done and that nobody asked to be left alone, and while Graph asks the whole tenant to wait only for what left before; of
 * them the share that the service lets succeed: a mailbox that is throttled refuses the rest of its batch, too.
 */
export async function measureGoodput({ people, mailboxes }: Goodput): Promise<Measured> {
  const rest = { until: 0 };
  const office: Office = await openOffice({
    people,
    mailboxes,
    owners: 'later',
    conditions: {
      latencyMs: { else: OUTLOOK_MS, 'GET users/{id}': 1 },
      watch: (transport) => async (request) => {
        const response = await transport(request);
        const seconds = Number(response.headers['retry-after'] ?? 0);
        if (response.status !== 200) rest.until = Math.max(rest.until, office.clock.now() + seconds * 1_000);
        return response;
      },
    },
  });
  await office.fill();
  const { tenant, clock } = office;
  office.openMailboxes();
  const wanted = people * mailboxes;
  // Until the folders are there: those are single calls, one after the other.
  while (made(office) < wanted / 20) await clock.run(clock.now() + SAMPLE_MS);
  tenant.setFaults(ONE_IN_TWENTY);
  const startedAt = clock.now();
  const before = office.traffic();
  let capacity = 0;
  while (made(office) < SHARE * wanted && fullest(office) < FULLEST * people) {
    if (clock.now() - startedAt > LONGEST_MS) throw new Error('the fill does not get on');
    const resting = rest.until > clock.now();
    // What left before goes on.
    const slots = resting ? office.traffic().inFlight : usableSlots(office, people);
    capacity += (slots * 4 * SAMPLE_MS) / OUTLOOK_MS;
    await clock.run(clock.now() + SAMPLE_MS);
  }
  const injected = [...tenant.faultCounts.values()].reduce((sum, count) => sum + count, 0);
  const after = office.traffic();
  const succeeded = after.succeeded - before.succeeded;
  const measured = {
    succeeded,
    // Of what is sent, the service lets this share succeed; what could be sent is ours to use.
    allowed: (capacity * succeeded) / (after.sent - before.sent),
    seconds: (clock.now() - startedAt) / 1_000,
    injected,
    early: tenant.oracles.count('before-retry-after'),
  };
  tenant.setFaults({});
  await office.close();
  return measured;
}

/** Batches that could be in flight now. */
function usableSlots({ tenant, clock }: Office, people: number): number {
  const now = clock.now();
  let free = 0;
  for (const mailbox of tenant.mailboxes.all()) {
    const done = [...mailbox.folders.values()].some(({ items }) => items.size >= people);
    if (!done && mailbox.told.notBefore <= now) free += 1;
  }
  return Math.min(LIMITS.concurrency, free);
}

function made(office: Office): number {
  return contacts(office).reduce((sum, count) => sum + count, 0);
}

function fullest(office: Office): number {
  return Math.max(...contacts(office));
}

/** How many each mailbox holds. */
function contacts({ tenant }: Office): number[] {
  return [...tenant.mailboxes.all()].map(({ folders }) =>
    [...folders.values()].reduce((sum, { items }) => sum + items.size, 0),
  );
}

export async function benchGoodput(size: Goodput): Promise<Figure> {
  const { succeeded, allowed, seconds, injected, early } = await measureGoodput(size);
  const result = figure({
    name: `goodput, one call in twenty refused or lost, ${size.mailboxes} mailboxes`,
    unit: 'share of what is allowed',
    measured: rounded(succeeded / allowed, 3),
    target: 0.9,
    floor: 1,
    best: 'high',
    with: {
      ...size,
      latencyMs: OUTLOOK_MS,
      concurrency: LIMITS.concurrency,
      succeeded,
      allowed: Math.round(allowed),
      seconds: Math.round(seconds),
      injected,
      beforeRetryAfter: early,
      tenant: 'simulated, virtual time',
    },
  });
  return { ...result, reached: result.reached && early === 0 };
}
