import { bundleName } from '../model/bundle-name.ts';
import { Fault } from '../model/fault.ts';
import type { Change } from '../model/change.ts';
import { reportMissing } from './exceptions.ts';
import type { Finding } from './changes.ts';
import { portOf, type Needs } from './needs.ts';
import { sendOutstanding } from './outbox.ts';
import type { GroupDifference, GroupKind } from './ports.ts';
import { reportSuspicions, scopeWatches } from './suspicion.ts';

/** A delta query takes at most 50 ids in its filter (Microsoft Graph, delta query). */
const GROUPS_A_BUNDLE = 50;
/** Each takes as long as a request or two: more in a row are no chance any more. */
const READINGS = 4;

/** A bundle of groups of one kind, read with one token; `token` null: a full round. */
interface Bundle {
  readonly name: string;
  readonly kind: GroupKind;
  readonly groups: readonly string[];
  readonly token: string | null;
  /** The current token as it stood when the reading began. */
  readonly since: string | null;
}

export const UNKNOWN_SCOPE = 'what a group decides is not known before every group has been read';

/** Every tracked group has been read: whoever is in none of them as far as the ledger knows, is in none. */
export async function isScopeKnown({ ledger }: Pick<Needs, 'ledger'>, tenant: string): Promise<boolean> {
  const tracked = await ledger.memberships.tracked(tenant);
  return tracked.every(({ bundle }) => bundle !== null);
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

/** Which bundles are read: all of them, unless these alone, or those of this kind alone, are asked for. */
interface Asked {
  readonly only?: ReadonlySet<string | null>;
  readonly kind?: GroupKind;
  readonly fromPrevious: boolean;
}

/**
 * Reads bundles until no group is left unread: a nested group that turns up is tracked and read in its turn. Returns
 * how many people and groups were affected; they are in the ledger's outbox when this returns.
 */
export function readBundles(needs: Needs, tenant: string, asked: Asked): Promise<number> {
  return needs.inTurn(`groups|${tenant}`, () => readAll(needs, tenant, asked));
}

async function readAll(needs: Needs, tenant: string, { only, kind, fromPrevious }: Asked): Promise<number> {
  let affected = 0;
  for (const bundle of await knownBundles(needs, tenant, fromPrevious)) {
    const isAsked = (only === undefined || only.has(bundle.name)) && (kind ?? bundle.kind) === bundle.kind;
    if (isAsked) affected += await readBundle(needs, tenant, bundle);
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
    const [first] = members;
    if (name === null || !first) continue;
    const token = await needs.ledger.tokens.read(tenant, name);
    const start = fromPrevious ? (token?.previous ?? token?.current) : token?.current;
    const { kind } = first;
    const groups = members.map(({ group }) => group);
    bundles.push({ name, kind, groups, token: start ?? null, since: token?.current ?? null });
  }
  return bundles;
}

/** Groups of one kind that were never read, up to 50 of them, under a name of their own. */
async function unreadBundle(needs: Needs, tenant: string): Promise<Bundle | null> {
  const tracked = await needs.ledger.memberships.tracked(tenant);
  const unread = tracked.filter(({ bundle }) => bundle === null);
  const [first] = unread;
  if (!first) return null;
  return newBundle(
    needs,
    { tenant, kind: first.kind },
    unread.filter(({ kind }) => kind === first.kind).map(({ group }) => group),
  );
}

async function newBundle(
  needs: Needs,
  { tenant, kind }: { tenant: string; kind: GroupKind },
  all: readonly string[],
): Promise<Bundle> {
  const groups = all.slice(0, GROUPS_A_BUNDLE);
  const name = bundleName(kind, groups);
  return { name, kind, groups, token: null, since: await currentToken(needs, tenant, name) };
}

async function currentToken({ ledger }: Needs, tenant: string, name: string): Promise<string | null> {
  return (await ledger.tokens.read(tenant, name))?.current ?? null;
}

async function readBundle(needs: Needs, tenant: string, bundle: Bundle): Promise<number> {
  try {
    return await readUndisturbed(needs, tenant, bundle);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'resync' || bundle.token === null) throw error;
    needs.log.tell('groups-token-expired', {
      tenant,
      bundle: bundle.name,
    });
    return readUndisturbed(needs, tenant, { ...bundle, token: null });
  }
}

/** Read once more where another process read the same groups meanwhile: its reading may be the newer one. */
async function readUndisturbed(needs: Needs, tenant: string, bundle: Bundle): Promise<number> {
  let { since } = bundle;
  for (let time = 0; time < READINGS; time += 1) {
    try {
      return await readRound(needs, tenant, { ...bundle, since });
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'lease-lost') throw error;
      since = await currentToken(needs, tenant, bundle.name);
    }
  }
  throw new Fault('unavailable', 'another process reads these groups all the time');
}

async function readRound(needs: Needs, tenant: string, bundle: Bundle): Promise<number> {
  const differences: GroupDifference[] = [];
  let token: string | null = null;
  const source = portOf(needs.sources, tenant);
  const { name, kind, groups, since } = bundle;
  for await (const page of source.changedGroups(bundle.token, groups, kind)) {
    differences.push(...page.items);
    token = page.token;
  }
  if (token === null) throw new Fault('unavailable', 'a round over groups ended without a token');
  const at = needs.clock.now();
  const full = bundle.token === null;
  const watches = differences.length > 0 || full ? await scopeWatches(needs, tenant) : [];
  const contacts = source.listings.includes('contacts');
  const round = { tenant, bundle: name, groups, full, differences, token, at, since, watches, contacts };
  const { affected, nested, suspicions, missing } = await needs.ledger.memberships.apply(round);
  reportSuspicions(needs, suspicions);
  reportMissing(needs, tenant, missing);
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
  const known = await knownBundles(needs, tenant, false);
  const small = known.filter(({ groups }) => groups.length < GROUPS_A_BUNDLE / 2);
  for (const [kind, bundles] of Map.groupBy(small, (bundle) => bundle.kind)) {
    if (bundles.length < 2) continue;
    const groups = bundles.flatMap((bundle) => bundle.groups);
    await readUndisturbed(needs, tenant, await newBundle(needs, { tenant, kind }, groups));
  }
}
