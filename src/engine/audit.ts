import type { Drift } from './audit-book.ts';
import { hasGivenUp } from '../model/standing.ts';
import { doubtedOf, REPLICA_LAG_MS, withoutDoubted } from './absence.ts';
import { absentFrom, judge } from './drift.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Resume } from './fill.ts';
import type { Looker } from './look.ts';
import type { Needs } from './needs.ts';
import { observe, type Look, type Subject } from './observe.ts';
import { seen } from './seen.ts';
import { auditMessage, fillMessage } from './send.ts';
import { isAskedAgain } from './shared-observe.ts';
import { concludeShared } from './shared-audit.ts';
import { reopen } from './trouble.ts';
import { isReachable, type Turn } from './turn.ts';
import { isWanted } from './wanted.ts';

/** Places of one turn that are asked what changed: a full batch, and seldom more than one page each. */
const PLACES_A_TURN = 20;
/** Those of which everything is read, page by page and side by side: a live change waits for them. */
const WHOLE_PLACES_A_TURN = 4;
/** A place whose look failed is looked at again after this long, unless it names a time itself. */
const RETRY_MS = 60_000;
const NO_DRIFT: Drift = { missing: 0, changed: 0, extra: 0, folder: false };

/**
 * One turn of the slab's audit: some of the places that are asked for are held against their links. It only finds:
 * links that turn out not to be right are marked, and a fill, the ordinary way, puts the place right.
 */
export async function auditTurn(needs: Needs, turn: Turn): Promise<Resume> {
  const { tenant, slab } = turn;
  const subjects = await subjectsOf(needs, turn);
  const now = needs.clock.now();
  const chosen = portionOf(
    subjects.filter(({ place }) => isReachable(place, now) && restUntil(needs, place.place) <= now),
  );
  const { looks, isRenamed } = await observe({ needs, tenant }, chosen);
  let isDrifted = isRenamed;
  for (const subject of chosen) {
    const look = looks.get(subject.place.place);
    if (look && (await conclude({ needs, tenant }, subject, look))) isDrifted = true;
  }
  if (isDrifted) await needs.writes.send([fillMessage(turn, needs.clock.now())]);
  const times = (await subjectsOf(needs, { tenant, slab })).map(({ place }) =>
    Math.max(place.notBefore, restUntil(needs, place.place)),
  );
  return times.length === 0 ? null : Math.min(...times);
}

function portionOf(subjects: readonly Subject[]): readonly Subject[] {
  const quick = subjects.filter(({ order }) => order.mode === 'changes' && order.token !== null);
  return quick.length > 0 ? quick.slice(0, PLACES_A_TURN) : subjects.slice(0, WHOLE_PLACES_A_TURN);
}

/** Asks for places, and sends for them: whoever is asked for and not sent for, `sendAudits` finds. */
export async function askAudit(
  needs: Pick<Needs, 'ledger' | 'writes' | 'clock'>,
  ...[places, mode]: Parameters<Needs['ledger']['audits']['ask']>
): Promise<void> {
  await needs.ledger.audits.ask(places, mode);
  await sendAudits(needs);
}

/** A message for every slab with places that are asked for: after a crash, and every minute to be sure. */
export async function sendAudits(needs: Pick<Needs, 'ledger' | 'writes' | 'clock'>): Promise<void> {
  const slabs = await needs.ledger.audits.slabs();
  const at = needs.clock.now();
  if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => auditMessage(slab, at)));
}

/** What is asked for in a slab, of the jobs that are worked on. */
async function subjectsOf(needs: Needs, { tenant, slab }: Pick<Turn, 'tenant' | 'slab'>): Promise<Subject[]> {
  const orders = await needs.ledger.audits.orders(tenant, slab);
  if (orders.length === 0) return [];
  const places = new Map(
    (await needs.ledger.places.ofSlab(tenant, slab)).map((place) => [place.place, place]),
  );
  const active = new Set(needs.routes.map(({ key }) => key));
  return orders.flatMap((order) => {
    const place = places.get(order.place);
    return place && active.has(place.route) ? { place, order } : [];
  });
}

/** Stores what a look says; true when something is to be put right. */
async function conclude({ needs, tenant }: Looker, { place, order }: Subject, look: Look): Promise<boolean> {
  const at = needs.clock.now();
  const about = { place: place.place, folder: place.folder ?? '', at };
  const quiet = { links: [], healings: [], distrusted: false };
  if (look.kind === 'fault') {
    needs.resting.set(place.place, Math.max(at + RETRY_MS, look.fault.retryAt ?? 0));
    return false;
  }
  if (look.kind === 'folder-gone') {
    if (isPutOff(needs, place, doubtedOf(needs, place.place, ['']).size > 0)) return false;
    needs.log.tell('folder-missing', {
      mailbox: place.owner,
      route: place.routeId,
    });
    await reopen(needs, [place.place]);
    await needs.ledger.audits.conclude({
      ...about,
      ...quiet,
      token: null,
      drift: { ...NO_DRIFT, folder: true },
    });
    return true;
  }
  if (look.kind === 'shared') {
    const { links, isStrange, isUnsure } = await concludeShared({ needs, tenant }, place, look);
    if (isPutOff(needs, place, isUnsure)) return refill(needs, place);
    // What stays in doubt, the next round is told of once more.
    const token = isUnsure ? order.token : look.token;
    await needs.ledger.audits.conclude({
      ...about,
      ...quiet,
      token,
      drift: NO_DRIFT,
      links,
      distrusted: isStrange,
    });
    const isGivenUp = await askToClear(needs, place);
    return (await refill(needs, place)) || links.length > 0 || isStrange || isGivenUp;
  }
  const doubted = doubtedOf(needs, place.place, absentFrom(look.pairs, look.seen));
  if (isPutOff(needs, place, doubted.size > 0)) return false;
  const known = new Map((await needs.ledger.audits.healings(place.place)).map((one) => [one.person, one]));
  const seen = withoutDoubted(look.seen, doubted);
  const { drift, links, healings, isStrange } = judge(look.pairs, seen, known);
  // What stays in doubt, the next round is told of once more.
  const token = doubted.size > 0 ? order.token : look.token;
  await needs.ledger.audits.conclude({ ...about, token, drift, links, healings, distrusted: isStrange });
  return links.length > 0 || isStrange || (await refill(needs, place));
}

/** What people have kept in a folder that is given up may be gone by now: the fill looks, and takes the folder away. */
async function askToClear(needs: Needs, place: PlaceRecord): Promise<boolean> {
  if (!hasGivenUp(place.folder)) return false;
  await needs.ledger.places.update([{ ...seen(place), name: null }]);
  return true;
}

/** Where something cannot be told, the place rests until every replica has caught up, and is looked at once more. */
function isPutOff(needs: Needs, place: PlaceRecord, inDoubt: boolean): boolean {
  if (inDoubt && isAskedAgain(needs, place)) {
    needs.resting.set(place.place, needs.clock.now() + REPLICA_LAG_MS);
    return true;
  }
  needs.unsure.delete(place.place);
  return false;
}

/**
 * A folder that is as the links say may still lack somebody whose card is another by now, or new: what was to bring it was
 * lost, or is on its way. Its fill finds out. Costs no request where nothing is missing.
 */
async function refill(needs: Needs, place: PlaceRecord): Promise<boolean> {
  // Of owners themselves alone there may be nothing to do although no link says so.
  const pending = await needs.ledger.links.pending(place.place, 0, 2);
  if (!pending.some((pair) => pair.link !== null || isWanted(needs, place, pair))) return false;
  await needs.ledger.places.restart([place.place], 'people');
  return true;
}

function restUntil(needs: Needs, place: number): number {
  return needs.resting.get(place) ?? 0;
}
