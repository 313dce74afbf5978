import type { Cause } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import { mergeBundles, readBundles } from './membership.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import { announcePhotos } from './photo-look.ts';
import type { Listing } from './ports.ts';
import { suspectMissing } from './suspicion.ts';
import { changeMessage, newChange } from './send.ts';

/** The ledger's names for the tokens over the people of a tenant. */
const TOKENS: Readonly<Record<Listing, string>> = {
  users: 'people',
  contacts: 'contacts',
  groups: 'mail groups',
};
/** Lists that no notification tells of. */
const UNTOLD: ReadonlySet<Listing> = new Set<Listing>(['contacts']);

/** What a round over people came to. Its tokens are kept when everything else of the sweep is durable, too. */
interface PeopleRound {
  readonly seen: Set<string>;
  readonly tokens: ReadonlyMap<Listing, string>;
  /** All of every list was read. */
  readonly isFull: boolean;
}

/** Who is asked to look, and at what: at people, unless said otherwise. */
interface Looks {
  readonly tenant: string;
  readonly cause: Cause;
  readonly kind?: 'user' | 'mailbox';
}

/** Where a round over a list begins; `token` null: it is a full one. */
interface Start {
  readonly listing: Listing;
  readonly token: string | null;
  /** This is the night after a full round. */
  readonly isSecondNight: boolean;
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
  /** Only what no notification ever tells of: contacts of the organisation, members of administrative units. */
  readonly only?: 'unannounced';
}

/**
 * Asks the source what changed and puts a change for each into the queue; the tokens move only after all of them are
 * durable there. Finds what was never notified. Returns how many objects were reported.
 */
export async function sweep(needs: Needs, options: SweepOptions): Promise<number> {
  const { tenant, from, only } = options;
  // Groups first: who is in scope must be known before people are looked at.
  const groups = await readBundles(needs, tenant, {
    fromPrevious: from === 'twice',
    ...(only === undefined ? {} : { kind: 'unit' }),
  });
  if (from === 'twice') await mergeBundles(needs, tenant);
  // A full round looks at everybody: what the groups asked for is in it, and is not sent as well.
  const covered = from === 'everybody' ? await needs.ledger.outbox.read(OUTBOX_AT_MOST) : [];
  if (from !== 'everybody') await sendOutstanding(needs);
  const starts = await startsOf(needs, options);
  const since = await currentTokens(needs, tenant);
  const round = await sweepPeople(needs, options, starts);
  const people = round.seen.size;
  if (from === 'twice' && !round.isFull && starts.some(({ isSecondNight }) => isSecondNight))
    await lookAgain(needs, tenant, round.seen);
  else if (from === 'twice' && !round.isFull && portOf(needs.sources, tenant).keepsSilent)
    await lookAtShown(needs, tenant, round.seen);
  await keepTokens(needs, options, { ...round, since });
  await needs.ledger.outbox.sent(
    covered.filter((one) => one.kind === 'user' && one.tenant === tenant).map((one) => one.entry),
  );
  await sendOutstanding(needs);
  if (from !== 'latest') await announcePhotos(needs, tenant);
  if (only === undefined || people + groups > 0)
    needs.log.tell('sweep-done', { tenant, from, people, groups });
  return people + groups;
}

async function startsOf(needs: Needs, { tenant, from, only }: SweepOptions): Promise<Start[]> {
  const { listings } = portOf(needs.sources, tenant);
  const starts: Start[] = [];
  for (const listing of listings) {
    if (only === 'unannounced' && !UNTOLD.has(listing)) continue;
    const known = await needs.ledger.tokens.read(tenant, TOKENS[listing]);
    const token =
      from === 'everybody' ? null : from === 'twice' ? (known?.previous ?? known?.current) : known?.current;
    starts.push({ listing, token: token ?? null, isSecondNight: known?.previous === null });
  }
  return starts;
}

/**
 * What changed since the tokens. Where one of them is missing or no longer good, every list is read in full: only all of
 * them together tell who is in none.
 */
async function sweepPeople(
  needs: Needs,
  options: SweepOptions,
  starts: readonly Start[],
): Promise<PeopleRound> {
  if (starts.some(({ token }) => token === null)) return fullRound(needs, options);
  const seen = new Set<string>();
  const tokens = new Map<Listing, string>();
  try {
    for (const { listing, token } of starts) {
      const cause = options.from === 'twice' && !UNTOLD.has(listing) ? 'sweep' : 'poll';
      tokens.set(
        listing,
        await announceAll(needs, { tenant: options.tenant, listing, cause }, { token, seen }),
      );
    }
    return { seen, tokens, isFull: false };
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'resync') throw error;
    needs.log.tell('people-token-expired', { tenant: options.tenant });
    return fullRound(needs, options);
  }
}

/** A full round is no sign of a lost notification, and nobody in it has to be read a second time in the same night. */
async function fullRound(needs: Needs, { tenant, from }: SweepOptions): Promise<PeopleRound> {
  const seen = new Set<string>();
  const tokens = await announceEverybody(needs, tenant, seen);
  // Whoever was deleted before a full round began is simply not in it.
  const missing = (await needs.ledger.cards.identities(tenant)).filter((id) => !seen.has(id));
  await suspectMissing(needs, tenant, missing);
  await announce(needs, { tenant, ids: missing, cause: from === 'twice' ? 'sweep' : 'poll' });
  return { seen, tokens, isFull: true };
}

/**
 * The night after a full round. What changed a moment before that one may have been read from a replica that was behind, and
 * the token that it left tells of nothing that came before: so everybody is seen twice, as every change is.
 */
async function lookAgain(needs: Needs, tenant: string, seen: ReadonlySet<string>): Promise<void> {
  await announceEverybody(needs, tenant, new Set(seen));
}

/** Whoever is shown and was not told of: a read for each, 20 to a request. */
async function lookAtShown(needs: Needs, tenant: string, seen: ReadonlySet<string>): Promise<void> {
  const ids = (await needs.ledger.cards.identities(tenant)).filter((id) => !seen.has(id));
  await announce(needs, { tenant, ids, cause: 'configuration' });
}

async function announceEverybody(
  needs: Needs,
  tenant: string,
  seen: Set<string>,
): Promise<ReadonlyMap<Listing, string>> {
  const tokens = new Map<Listing, string>();
  for (const listing of portOf(needs.sources, tenant).listings) {
    const round = { tenant, listing, cause: 'configuration' as const };
    tokens.set(listing, await announceAll(needs, round, { token: null, seen }));
  }
  return tokens;
}

/** Puts a look into the mailbox of each of the tenant's people into the queue. Returns how many. */
export async function announceMailboxes(needs: Needs, tenant: string): Promise<number> {
  const seen = new Set<string>();
  const round = { tenant, listing: 'users', cause: 'configuration', kind: 'mailbox' } as const;
  await announceAll(needs, round, { token: null, seen });
  return seen.size;
}

/** Announces what the round reports and nobody has `seen` yet, and adds it there; returns the token it ends with. */
async function announceAll(
  needs: Needs,
  { listing, ...round }: Looks & { readonly listing: Listing },
  { token, seen }: { token: string | null; seen: Set<string> },
): Promise<string> {
  let next: string | null = null;
  for await (const page of portOf(needs.sources, round.tenant).changedPeople(token, listing)) {
    const fresh = [...new Set(page.items)].filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    await announce(needs, { ...round, ids: fresh });
    next = page.token;
  }
  if (next === null) throw new Fault('unavailable', 'a round over people ended without a token');
  return next;
}

async function currentTokens(
  { ledger, sources }: Needs,
  tenant: string,
): Promise<Map<Listing, string | null>> {
  const current = new Map<Listing, string | null>();
  for (const listing of portOf(sources, tenant).listings)
    current.set(listing, (await ledger.tokens.read(tenant, TOKENS[listing]))?.current ?? null);
  return current;
}

/** `since`: the tokens as they stood when the round began. Where somebody else has read further meanwhile, theirs stay. */
async function keepTokens(
  { ledger, clock }: Needs,
  { tenant, from }: SweepOptions,
  { tokens, isFull, since }: PeopleRound & { readonly since: ReadonlyMap<Listing, string | null> },
): Promise<void> {
  for (const [listing, token] of tokens) {
    const name = TOKENS[listing];
    const next = { token, at: clock.now(), since: since.get(listing) ?? null };
    // A token belongs to what was asked for: after a change of configuration the older one would miss what is new.
    if (isFull) await ledger.tokens.restart(tenant, name, next);
    // What is swept between two nights is seen again in the next one: its start stays where it is.
    else if (from === 'latest') await ledger.tokens.advance(tenant, name, next);
    else await ledger.tokens.replace(tenant, name, next);
  }
}

async function announce(
  needs: Needs,
  { tenant, ids, cause, kind = 'user' }: Looks & { readonly ids: readonly string[] },
): Promise<void> {
  const at = needs.clock.now();
  for (let from = 0; from < ids.length; from += PORTION) {
    const portion = ids.slice(from, from + PORTION);
    await needs.changes.send(portion.map((id) => changeMessage(newChange({ kind, tenant, id }, cause, at))));
  }
}
