import type { Cause } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import { mergeBundles, readBundles } from './membership.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import { suspectMissing } from './suspicion.ts';
import { changeMessage, newChange } from './send.ts';

/** The ledger's name for the token over all people of a tenant. */
const PEOPLE = 'people';

interface Round {
  readonly tenant: string;
  readonly cause: Cause;
}

/** More people than a tenant's groups have. */
const OUTBOX_AT_MOST = 1_000_000;

/** How much goes to the queue in one durable commit. */
const PORTION = 500;

export interface SweepOptions {
  readonly tenant: string;
  /**
   * `latest`: what changed since the last round (polling, a gap in the subscriptions). `twice`: from the token before
   * that, so that every change is seen twice, a day apart. `everybody`: a full round, e.g. after a change of configuration.
   */
  readonly from: 'latest' | 'twice' | 'everybody';
}

/**
 * Asks the source what changed and puts a change for each into the queue; the token moves only after all of them are
 * durable there. Finds what was never notified. Returns how many objects were reported.
 */
export async function sweep(needs: Needs, { tenant, from }: SweepOptions): Promise<number> {
  // Groups first: who is in scope must be known before people are looked at.
  const groups = await readBundles(needs, tenant, { fromPrevious: from === 'twice' });
  if (from === 'twice') await mergeBundles(needs, tenant);
  // A full round looks at everybody: what the groups asked for is in it, and is not sent as well.
  const covered = from === 'everybody' ? await needs.ledger.outbox.read(OUTBOX_AT_MOST) : [];
  if (from !== 'everybody') await sendOutstanding(needs);
  const known = await needs.ledger.tokens.read(tenant, PEOPLE);
  const start =
    from === 'everybody' ? null : from === 'twice' ? (known?.previous ?? known?.current) : known?.current;
  const cause: Cause = from === 'twice' ? 'sweep' : 'poll';
  const people = await sweepPeople(needs, { tenant, cause }, start ?? null);
  await needs.ledger.outbox.sent(
    covered.filter((one) => one.kind === 'user' && one.tenant === tenant).map((one) => one.entry),
  );
  await sendOutstanding(needs);
  needs.log.info('sweep done', { tenant, from, people, groups });
  return people + groups;
}

async function sweepPeople(needs: Needs, round: Round, token: string | null): Promise<number> {
  try {
    return await peopleRound(needs, round, token);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'resync' || token === null) throw error;
    needs.log.warn('the delta token over people is no longer good: full round', { tenant: round.tenant });
    return peopleRound(needs, round, null);
  }
}

async function peopleRound(needs: Needs, round: Round, token: string | null): Promise<number> {
  const { tenant } = round;
  const seen = new Set<string>();
  // A full round is no sign of a lost notification, and nobody in it has to be read a second time.
  const cause = token === null ? 'configuration' : round.cause;
  let next: string | null = null;
  for await (const page of portOf(needs.sources, tenant).changedPeople(token)) {
    const fresh = [...new Set(page.items)].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    await announce(needs, { tenant, ids: fresh, cause });
    next = page.token;
  }
  if (next === null) throw new Fault('unavailable', 'a round over people ended without a token');
  if (token === null) {
    // Whoever was deleted before a full round began is simply not in it.
    const missing = (await needs.ledger.cards.identities(tenant)).filter((id) => !seen.has(id));
    await suspectMissing(needs, tenant, missing);
    await announce(needs, { tenant, ids: missing, cause: round.cause });
  }
  // A token belongs to what was asked for: after a change of configuration the older one would miss what is new.
  if (token === null) await needs.ledger.tokens.forget(tenant, PEOPLE);
  await needs.ledger.tokens.replace(tenant, PEOPLE, next, needs.clock.now());
  return seen.size;
}

async function announce(
  needs: Needs,
  { tenant, ids, cause }: { tenant: string; ids: readonly string[]; cause: Cause },
): Promise<void> {
  const at = needs.clock.now();
  for (let from = 0; from < ids.length; from += PORTION) {
    const portion = ids.slice(from, from + PORTION);
    await needs.changes.send(
      portion.map((id) => changeMessage(newChange({ kind: 'user', tenant, id }, cause, at))),
    );
  }
}
