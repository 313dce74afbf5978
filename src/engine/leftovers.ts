import { portOf, type Needs } from './needs.ts';
import type { FoundFolder, Operation, Outcome, Target } from './ports.ts';

/**
 * Contact folders that this service did not make, in the mailboxes of one tenant. A tool leaves the same name in many
 * mailboxes; a name that stands in few was chosen by their owners, and is nobody else's business: those are counted only.
 */
export interface Leftovers {
  readonly tenant: string;
  /** Mailboxes whose folders were listed. */
  readonly mailboxes: number;
  /** Mailboxes that could not be read, by the code of the answer: nothing is known about them. */
  readonly unread: readonly { readonly reason: string; readonly mailboxes: number }[];
  /** Names that stand in fewer mailboxes are not told. */
  readonly toldFrom: number;
  /** The most widespread first. */
  readonly names: readonly LeftoverName[];
  /** Folders under names that are not told. */
  readonly others: number;
}

export interface LeftoverName {
  readonly name: string;
  /** `another`: it bears the mark of another installation of this service. */
  readonly madeBy: Exclude<FoundFolder['madeBy'], 'us'>;
  readonly mailboxes: number;
  /** In all these folders that could be counted. */
  readonly contacts: number;
  readonly folders: readonly LeftoverFolder[];
}

export interface LeftoverFolder {
  /** Object id of the mailbox's owner. */
  readonly mailbox: string;
  readonly folder: string;
  /** Null: it could not be counted. */
  readonly contacts: number | null;
}

/** A hundredth of the mailboxes, but neither fewer nor more than these. */
const TOLD_FROM = { least: 2, most: 10 };
const SHARE = 100;
/** Fifty batches: enough to keep the packer busy. */
const AT_ONCE = 1_000;

interface Standing extends FoundFolder {
  readonly mailbox: string;
  readonly route: string;
}

/** One listing for each mailbox that receives, and one count for each folder that is told: 20 of either to a request. */
export async function findLeftovers(
  needs: Pick<Needs, 'ledger' | 'routes' | 'targets'>,
  tenant: string,
): Promise<Leftovers> {
  const target = portOf(needs.targets, tenant);
  const { ready, parked } = await receiversIn(needs, tenant);
  const listed = await askEach(target, [...ready], ([mailbox]): Operation => ({
    kind: 'list-folders',
    mailbox,
  }));
  const standing: Standing[] = [];
  const unread = [...parked].map(() => 'parked');
  for (const { subject, outcome } of listed) {
    const [mailbox, route] = subject;
    if (outcome?.kind === 'folders')
      standing.push(...outcome.folders.map((found) => ({ ...found, mailbox, route })));
    else unread.push(reasonOf(outcome));
  }
  const foreign = standing.filter(({ madeBy }) => madeBy !== 'us');
  const mailboxes = ready.size + parked.size - unread.length;
  const toldFrom = toldFromOf(mailboxes);
  const told = [...Map.groupBy(foreign, ({ madeBy, name }) => `${madeBy} ${name}`).values()].filter(
    (alike) => mailboxesOf(alike) >= toldFrom,
  );
  const counted = await askEach(target, told.flat(), ({ mailbox, route, folder }): Operation => ({
    kind: 'count',
    mailbox,
    route,
    folder,
  }));
  const counts = new Map(counted.map(({ subject, outcome }) => [subject, countOf(outcome)]));
  const names = told.map((alike) => named(alike, counts));
  return {
    tenant,
    mailboxes,
    unread: Array.from(
      Map.groupBy(unread, (reason) => reason),
      ([reason, { length }]) => ({
        reason,
        mailboxes: length,
      }),
    ),
    toldFrom,
    names: names.toSorted((a, b) => b.mailboxes - a.mailboxes || b.contacts - a.contacts),
    others: foreign.length - told.flat().length,
  };
}

/** One operation for each, and what came of it; so many at a time. */
async function askEach<One>(
  target: Target,
  subjects: readonly One[],
  operation: (subject: One) => Operation,
): Promise<{ readonly subject: One; readonly outcome: Outcome | undefined }[]> {
  const answers: { subject: One; outcome: Outcome | undefined }[] = [];
  for (let from = 0; from < subjects.length; from += AT_ONCE) {
    const some = subjects.slice(from, from + AT_ONCE);
    const outcomes = await target.apply(some.map(operation), 'bulk');
    answers.push(...some.map((subject, index) => ({ subject, outcome: outcomes[index] })));
  }
  return answers;
}

/** In how many mailboxes of so many a name must stand to be told. */
export function toldFromOf(mailboxes: number): number {
  return Math.min(TOLD_FROM.most, Math.max(TOLD_FROM.least, Math.ceil(mailboxes / SHARE)));
}

/** Owners of the mailboxes that receive, each with a route on whose behalf it is looked at. */
async function receiversIn(
  { ledger, routes }: Pick<Needs, 'ledger' | 'routes'>,
  tenant: string,
): Promise<{ ready: Map<string, string>; parked: Set<string> }> {
  const ready = new Map<string, string>();
  const parked = new Set<string>();
  for (const route of routes) {
    if (route.targetTenant !== tenant) continue;
    for (const { slab } of await ledger.slabs.of(route.key)) {
      for (const place of await ledger.places.ofSlab(tenant, slab)) {
        if (place.route !== route.key || place.state !== 'active') continue;
        if (place.mailboxState === 'parked') parked.add(place.owner);
        else ready.set(place.owner, place.routeId);
      }
    }
  }
  return { ready, parked };
}

function named(alike: readonly Standing[], counts: ReadonlyMap<Standing, number | null>): LeftoverName {
  const [{ name, madeBy } = { name: '', madeBy: 'somebody' as const }] = alike;
  const folders = alike.map((one) => ({
    mailbox: one.mailbox,
    folder: one.folder,
    contacts: counts.get(one) ?? null,
  }));
  return {
    name,
    madeBy: madeBy === 'another' ? 'another' : 'somebody',
    mailboxes: mailboxesOf(alike),
    contacts: folders.reduce((sum, { contacts }) => sum + (contacts ?? 0), 0),
    folders,
  };
}

function mailboxesOf(folders: readonly Standing[]): number {
  return new Set(folders.map(({ mailbox }) => mailbox)).size;
}

function reasonOf(outcome: Outcome | undefined): string {
  return outcome?.kind === 'fault' ? (outcome.fault.code ?? outcome.fault.kind) : 'no answer';
}

function countOf(outcome: Outcome | undefined): number | null {
  return outcome?.kind === 'counted' ? outcome.items : null;
}
