import { bundleName } from '../model/bundle-name.ts';
import { Fault } from '../model/fault.ts';
import type { Change } from '../model/change.ts';
import type { Finding } from './changes.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import type { GroupDifference } from './ports.ts';
import { reportSuspicions, scopeWatches } from './suspicion.ts';

/** `groups/delta` takes at most 50 ids in its filter (Microsoft Graph, delta query). */
const GROUPS_A_BUNDLE = 50;

/** A bundle of groups read with one token; `token` null: a full round. */
interface Bundle {
  readonly name: string;
  readonly groups: readonly string[];
  readonly token: string | null;
}

/** Reads the membership differences of the changed groups, as far as we track them. */
export async function refreshGroups(
  needs: Needs,
  tenant: string,
  changes: readonly Change[],
): Promise<Map<string, Finding>> {
  const tracked = new Map(
    (await needs.ledger.memberships.tracked(tenant)).map(({ group, bundle }) => [group, bundle]),
  );
  const findings = new Map<string, Finding>();
  const bundles = new Set<string | null>();
  for (const { id } of changes) {
    const bundle = tracked.get(id);
    findings.set(id, bundle === undefined ? 'ignored' : 'nothing');
    if (bundle !== undefined) bundles.add(bundle);
  }
  if (bundles.size === 0) return findings;
  const affected = await readBundles(needs, tenant, { only: bundles, fromPrevious: false });
  await sendOutstanding(needs);
  if (affected === 0) return findings;
  for (const [id, finding] of findings) if (finding === 'nothing') findings.set(id, 'new');
  return findings;
}

/**
 * Reads bundles until no group is left unread: a nested group that turns up is tracked and read in its turn. Returns
 * how many people and groups were affected; they are in the ledger's outbox when this returns.
 */
export function readBundles(
  needs: Needs,
  tenant: string,
  { only, fromPrevious }: { only?: ReadonlySet<string | null>; fromPrevious: boolean },
): Promise<number> {
  return needs.inTurn(`groups|${tenant}`, () =>
    readAll(needs, tenant, { fromPrevious, ...(only === undefined ? {} : { only }) }),
  );
}

async function readAll(
  needs: Needs,
  tenant: string,
  { only, fromPrevious }: { only?: ReadonlySet<string | null>; fromPrevious: boolean },
): Promise<number> {
  let affected = 0;
  for (const bundle of await knownBundles(needs, tenant, fromPrevious)) {
    if (only === undefined || only.has(bundle.name)) affected += await readBundle(needs, tenant, bundle);
  }
  for (;;) {
    const fresh = await unreadBundle(needs, tenant);
    if (!fresh) break;
    affected += await readBundle(needs, tenant, fresh);
  }
  return affected;
}

async function knownBundles(needs: Needs, tenant: string, fromPrevious: boolean): Promise<Bundle[]> {
  const tracked = await needs.ledger.memberships.tracked(tenant);
  const bundles: Bundle[] = [];
  for (const [name, members] of Map.groupBy(tracked, ({ bundle }) => bundle)) {
    if (name === null) continue;
    const token = await needs.ledger.tokens.read(tenant, name);
    const start = fromPrevious ? (token?.previous ?? token?.current) : token?.current;
    bundles.push({ name, groups: members.map(({ group }) => group), token: start ?? null });
  }
  return bundles;
}

/** Groups that were never read, up to 50 of them, under a name of their own. */
async function unreadBundle(needs: Needs, tenant: string): Promise<Bundle | null> {
  const tracked = await needs.ledger.memberships.tracked(tenant);
  const unread = tracked.filter(({ bundle }) => bundle === null).map(({ group }) => group);
  if (unread.length === 0) return null;
  const groups = unread.slice(0, GROUPS_A_BUNDLE);
  return { name: bundleName(groups), groups, token: null };
}

async function readBundle(needs: Needs, tenant: string, bundle: Bundle): Promise<number> {
  try {
    return await readRound(needs, tenant, bundle);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'resync' || bundle.token === null) throw error;
    needs.log.warn('the delta token of a bundle of groups is no longer good: full round', {
      tenant,
      bundle: bundle.name,
    });
    return readRound(needs, tenant, { ...bundle, token: null });
  }
}

async function readRound(needs: Needs, tenant: string, bundle: Bundle): Promise<number> {
  const differences: GroupDifference[] = [];
  let token: string | null = null;
  for await (const page of portOf(needs.sources, tenant).changedGroups(bundle.token, bundle.groups)) {
    differences.push(...page.items);
    token = page.token;
  }
  if (token === null) throw new Fault('unavailable', 'a round over groups ended without a token');
  const at = needs.clock.now();
  const full = bundle.token === null;
  const { name, groups } = bundle;
  const watches = differences.length > 0 || full ? await scopeWatches(needs, tenant) : [];
  const round = { tenant, bundle: name, groups, full, differences, token, at, watches };
  const { affected, nested, suspicions } = await needs.ledger.memberships.apply(round);
  reportSuspicions(needs, suspicions);
  return affected + nested;
}

/**
 * Small bundles, left behind by groups that were found one at a time, are read anew as one: a full round over at most
 * 50 groups, so that a quiet night costs one request for every 50 groups.
 */
export function mergeBundles(needs: Needs, tenant: string): Promise<void> {
  return needs.inTurn(`groups|${tenant}`, () => mergeSmall(needs, tenant));
}

async function mergeSmall(needs: Needs, tenant: string): Promise<void> {
  const small = (await knownBundles(needs, tenant, false)).filter(
    ({ groups }) => groups.length < GROUPS_A_BUNDLE / 2,
  );
  const groups = small.flatMap((bundle) => bundle.groups).slice(0, GROUPS_A_BUNDLE);
  if (small.length < 2) return;
  await readRound(needs, tenant, { name: bundleName(groups), groups, token: null });
}
