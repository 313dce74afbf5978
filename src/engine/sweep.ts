import type { Cause } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import { mergeBundles, readBundles } from './membership.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import { announcePhotos } from './photo-look.ts';
import { suspectMissing } from './suspicion.ts';
import { changeMessage, newChange } from './send.ts';

/** The ledger's name for the token over all people of a tenant. */
const PEOPLE = 'people';

interface Round {
  readonly tenant: string;
  readonly cause: Cause;
}

/** What a round over people came to. Its token is kept when everything else of the sweep is durable, too. */
interface PeopleRound {
  readonly seen: Set<string>;
  readonly token: string;
  readonly isFull: boolean;
}

/** More people than a tenant's groups have. */
const OUTBOX_AT_MOST = 1_000_000;

/** How much goes to the queue in one durable commit. */
const PORTION = 500;

export interface SweepOptions {
  readonly tenant: string;
  /**
   * `latest`: what changed since the last round (polling, a gap in the subscriptions). `twice`: from the token before the
   * night before, so that every change is seen twice; in the night after a full round, everybody is. `everybody`: a full
   * round, e.g. after a change of configuration.
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
  const round = await sweepPeople(needs, { tenant, cause }, start ?? null);
  const people = round.seen.size;
  if (from === 'twice' && known?.previous === null && !round.isFull)
    await lookAgain(needs, tenant, round.seen);
  await keepToken(needs, { tenant, from }, round);
  await needs.ledger.outbox.sent(
    covered.filter((one) => one.kind === 'user' && one.tenant === tenant).map((one) => one.entry),
  );
  await sendOutstanding(needs);
  if (from !== 'latest') await announcePhotos(needs, tenant);
  needs.log.info('sweep done', { tenant, from, people, groups });
  return people + groups;
}

async function sweepPeople(needs: Needs, round: Round, token: string | null): Promise<PeopleRound> {
  try {
    return await peopleRound(needs, round, token);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'resync' || token === null) throw error;
    needs.log.warn('the delta token over people is no longer good: full round', { tenant: round.tenant });
    return peopleRound(needs, round, null);
  }
}

async function peopleRound(needs: Needs, round: Round, token: string | null): Promise<PeopleRound> {
  const { tenant } = round;
  const isFull = token === null;
  const seen = new Set<string>();
  // A full round is no sign of a lost notification, and nobody in it has to be read a second time in the same night.
  const next = await announceAll(
    needs,
    { tenant, cause: isFull ? 'configuration' : round.cause },
    { token, seen },
  );
  if (isFull) {
    // Whoever was deleted before a full round began is simply not in it.
    const missing = (await needs.ledger.cards.identities(tenant)).filter((id) => !seen.has(id));
    await suspectMissing(needs, tenant, missing);
    await announce(needs, { tenant, ids: missing, cause: round.cause });
  }
  return { seen, token: next, isFull };
}

/**
 * The night after a full round. What changed a moment before that one may have been read from a replica that was behind, and
 * the token that it left tells of nothing that came before: so everybody is seen twice, as every change is.
 */
async function lookAgain(needs: Needs, tenant: string, seen: Set<string>): Promise<void> {
  await announceAll(needs, { tenant, cause: 'configuration' }, { token: null, seen: new Set(seen) });
}

/** Announces what the round reports and nobody has `seen` yet, and adds it there; returns the token it ends with. */
async function announceAll(
  needs: Needs,
  { tenant, cause }: Round,
  { token, seen }: { token: string | null; seen: Set<string> },
): Promise<string> {
  let next: string | null = null;
  for await (const page of portOf(needs.sources, tenant).changedPeople(token)) {
    const fresh = [...new Set(page.items)].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    await announce(needs, { tenant, ids: fresh, cause });
    next = page.token;
  }
  if (next === null) throw new Fault('unavailable', 'a round over people ended without a token');
  return next;
}

async function keepToken(
  { ledger, clock }: Needs,
  { tenant, from }: SweepOptions,
  { token, isFull }: PeopleRound,
): Promise<void> {
  // A token belongs to what was asked for: after a change of configuration the older one would miss what is new.
  if (isFull) await ledger.tokens.forget(tenant, PEOPLE);
  // What is swept between two nights is seen again in the next one: its start stays where it is.
  if (from === 'latest') await ledger.tokens.advance(tenant, PEOPLE, token, clock.now());
  else await ledger.tokens.replace(tenant, PEOPLE, token, clock.now());
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
