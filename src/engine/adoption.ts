import type { CardField } from '../model/card.ts';
import type { AdoptRule } from '../model/route.ts';
import { REST_MS } from './at-places.ts';
import type { CardRecord, LinkRecord, Pair, PlaceRecord } from './ledger-port.ts';
import { sharingRoute } from './contact-keys.ts';
import { lookup } from './look.ts';
import { match, type Wanted } from './match.ts';
import type { ActiveRoute, Needs, Unread } from './needs.ts';
import type { Candidate, FoundItem } from './ports.ts';
import { seen } from './seen.ts';
import { changesFailing } from './setbacks.ts';
import { meetInPlaces } from './first-meeting.ts';
import { quietOnes, type Turn } from './turn.ts';

/** People of a place that are asked for at a time. */
const PEOPLE_AT_ONCE = 5_000;

/** What is left of a round over everybody is read within seconds. */
const READING_MS = 2_000;
const READING_AT_MOST_MS = 10 * 60_000;

interface Subject {
  readonly place: PlaceRecord;
  readonly route: ActiveRoute;
  readonly rule: AdoptRule;
}

/** Whether this place is still to be looked through for what was there before us; until then nothing is made in it. */
export function awaitsAdoption(needs: Pick<Needs, 'routes'>, place: PlaceRecord): boolean {
  if (place.adopted || place.filled || place.state !== 'active') return false;
  return subjectOf(needs, place).length > 0 || sharingRoute(needs, place) !== null;
}

/**
 * Looks through mailboxes once, before anything is made there. A contact that is a person's is linked where it stands;
 * the fill that follows writes the owned fields and our mark into it.
 */
export async function adoptInPlaces(
  needs: Needs,
  turn: Turn,
  awaiting: readonly PlaceRecord[],
): Promise<void> {
  // A mark that was taken off before may be taken off late: what is adopted meanwhile would lose its own.
  const places = await quietOnes(needs, turn, awaiting);
  await meetInPlaces(
    { needs, tenant: turn.tenant },
    places.filter((place) => sharingRoute(needs, place)),
  );
  const subjects = await whereEverybodyIsRead(
    needs,
    turn,
    places.flatMap((place) => subjectOf(needs, place)),
  );
  const outcomes = await search(needs, turn.tenant, subjects);
  for (const [index, { place, route }] of subjects.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'candidates') {
      needs.resting.set(place.place, needs.clock.now() + REST_MS);
      continue;
    }
    const matches = await matchesIn(needs, { place, route }, outcome.candidates);
    const put = Array.from(matches, ([person, item]): LinkRecord => {
      return {
        person,
        place: place.place,
        item,
        origin: 'linked',
        fingerprint: null,
        revision: 0,
        state: 'known',
        attempted: null,
        photo: null,
      };
    });
    await needs.ledger.links.save({ put });
    await needs.ledger.places.update([{ ...seen(place), adopted: true }]);
    if (put.length === 0) continue;
    needs.log.tell('contacts-adopted', { job: route.job, mailbox: place.owner, contacts: put.length });
  }
}

/**
 * Whoever is read only later would find the one look through the mailbox over, and be made beside the contact that is theirs: the
 * round over everybody has to be done, and all that it asked for to be read, also what failed at first. So the queue has to be empty
 * in two looks, since one may be answered by a bus that does not tell yet what was just sent. What stays in the queue delays it
 * and does not hold it up for ever: it may be another tenant's. Places that have to wait rest.
 */
async function whereEverybodyIsRead(
  needs: Needs,
  turn: Turn,
  asked: readonly Subject[],
): Promise<readonly Subject[]> {
  if (asked.length === 0) return [];
  const { ledger, clock, unread } = needs;
  const now = clock.now();
  const known = new Map((await ledger.routes.all()).map(({ key, definition }) => [key, definition]));
  const isRoundDone = ({ route }: Subject): boolean => known.get(route.key) === route.definition;
  const left = asked.some(isRoundDone) ? await leftIn(needs) : null;
  return asked.filter((subject) => {
    const { place } = subject.place;
    const before = unread.get(place);
    unread.delete(place);
    if (left !== null && isRoundDone(subject)) {
      const waiting = waitingOn(left, before, now);
      if (now - waiting.since >= (left === 0 ? READING_MS : READING_AT_MOST_MS)) return true;
      unread.set(place, waiting);
    } else turn.awaitsRound = true;
    needs.resting.set(place, now + READING_MS);
    return false;
  });
}

/** Second looks are not counted, which wait for minutes: a mailbox that joins later would wait with them. */
async function leftIn(needs: Needs): Promise<number> {
  const { due, held } = await needs.changes.depth();
  return due + held + changesFailing(needs);
}

/** As long as it becomes less, the time begins anew. */
function waitingOn(left: number, before: Unread | undefined, now: number): Unread {
  return before === undefined || left < before.left ? { left, since: now } : before;
}

/** Adopted items that bear the mark already; null when the mailbox could not be looked through. Empty where nothing is adopted. */
export async function adoptedIn(
  needs: Needs,
  tenant: string,
  place: PlaceRecord,
): Promise<readonly FoundItem[] | null> {
  const [subject] = subjectOf(needs, place);
  if (subject === undefined) return [];
  const [outcome] = await lookup({ needs, tenant }, [subject], ({ route }) => ({
    kind: 'list-adopted',
    mailbox: place.owner,
    route: place.routeId,
    fields: route.owns,
  }));
  return outcome?.kind === 'items' ? outcome.items : null;
}

/** How many contacts of each mailbox would be adopted, by owner; writes nothing. A mailbox that cannot be read is not in the answer. */
export async function countAdoptable(
  needs: Needs,
  route: ActiveRoute,
  { places, people }: { places: readonly PlaceRecord[]; people: readonly CardRecord[] },
): Promise<Map<string, number>> {
  const subjects = places
    .flatMap((place) => subjectOf(needs, place))
    .filter((one) => one.route.key === route.key);
  const wanted = await wantedIn(needs, route, people);
  const outcomes = await search(needs, route.targetTenant, subjects);
  const counts = new Map<string, number>();
  for (const [index, { place }] of subjects.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'candidates') continue;
    const others = wanted.filter(({ record }) => record.identity !== place.owner);
    counts.set(place.owner, match(others, outcome.candidates).size);
  }
  return counts;
}

function search(needs: Needs, tenant: string, subjects: readonly Subject[]) {
  return lookup({ needs, tenant }, subjects, ({ place, route, rule }) => ({
    kind: 'list-adoptable',
    mailbox: place.owner,
    route: place.routeId,
    rule,
    // What is matched by, beside what the fingerprint of an adopted one needs.
    fields: [...new Set<CardField>([...route.owns, 'emailAddresses'])],
  }));
}

/** Does its job adopt what was there before? */
export function adopts(needs: Pick<Needs, 'routes'>, place: PlaceRecord): boolean {
  return subjectOf(needs, place).length > 0;
}

function subjectOf({ routes }: Pick<Needs, 'routes'>, place: PlaceRecord): Subject[] {
  const route = routes.find(({ key }) => key === place.route);
  return route?.adopt ? [{ place, route, rule: route.adopt }] : [];
}

/**
 * Whose contacts they are, by person. An original that was let go of is that person's again if it bears no mark; and where it
 * bears one, or does not stand there, no other contact takes its place before a look for its mark.
 */
async function matchesIn(
  needs: Needs,
  { place, route }: Pick<Subject, 'place' | 'route'>,
  candidates: readonly Candidate[],
): Promise<Map<number, string>> {
  const pairs = await unlinked(needs, place);
  const wanted = await wantedIn(
    needs,
    route,
    pairs.map(({ card }) => card),
  );
  const before = new Map(pairs.map(({ card, link }) => [card.person, link]));
  const known = new Set(pairs.flatMap(({ link }) => link?.item ?? []));
  const matches = match(
    wanted.filter(({ record }) => before.get(record.person) === null),
    candidates.filter(({ item }) => !known.has(item)),
  );
  const free = new Set(candidates.map(({ item }) => item));
  for (const { record } of wanted) {
    const item = before.get(record.person)?.item ?? null;
    if (item !== null && free.has(item)) matches.set(record.person, item);
  }
  return matches;
}

/** Its mark is off, or may be. */
function isLetGo({ origin, state }: LinkRecord): boolean {
  return origin === 'linked' && (state === 'removing' || state === 'released');
}

/** People of the place without a contact of ours, and those whose original was let go of. */
async function unlinked(needs: Needs, place: PlaceRecord): Promise<Pair[]> {
  const found: Pair[] = [];
  for (let cursor = 0, pairs: Pair[] = []; cursor === 0 || pairs.length === PEOPLE_AT_ONCE;) {
    pairs = await needs.ledger.links.pending(place.place, cursor, PEOPLE_AT_ONCE);
    found.push(
      ...pairs.filter(({ card, link }) => link === null || (isLetGo(link) && card.state !== 'gone')),
    );
    cursor = pairs.at(-1)?.card.person ?? cursor;
    if (pairs.length === 0) break;
  }
  return found.filter(({ card }) => card.identity !== place.owner);
}

async function wantedIn(needs: Needs, route: ActiveRoute, people: readonly CardRecord[]): Promise<Wanted[]> {
  const bodies = await needs.bodies.of(route, people);
  return people.flatMap((record) => {
    const card = bodies.get(record.person);
    return card ? { record, card } : [];
  });
}
