import type { Change } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import type { PhotoFinding, PhotoRecord } from './ledger-books.ts';
import { isScopeKnown, UNKNOWN_SCOPE } from './membership.ts';
import { portOf, type ActiveRoute, type Needs } from './needs.ts';
import { fanOut, originsOf } from './outbox.ts';
import { photoLook, restingMailboxes } from './pictures.ts';
import type { TagSighting } from './ports.ts';

/** A round over the pictures of everybody takes this long, 20 people to a request: nobody waits for it. */
const ROUND_MS = 3_600_000;
const PEOPLE_A_REQUEST = 20;
const NO_GROUPS: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/** A picture that a route is to show. */
interface Open {
  readonly route: ActiveRoute;
  readonly record: PhotoRecord;
}

/**
 * Reads the tags of these people's pictures, 20 to a request, and the bytes of those whose tag is another; a picture that
 * is really another is fanned out with its card. Returns what could not be read, by object.
 */
export async function lookAtPhotos(
  needs: Needs,
  tenant: string,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, Fault>> {
  const faults = new Map<string, Fault>();
  const routes = needs.routes.filter((route) => route.sourceTenant === tenant && route.photo !== null);
  if (routes.length === 0) return faults;
  const ids = changes.map(({ id }) => id);
  const resting = await restingMailboxes(needs, tenant, ids);
  for (const [id, retryAt] of resting)
    faults.set(id, new Fault('throttled', 'the mailbox asks to wait', { retryAt, object: id }));
  const readable = ids.filter((id) => !resting.has(id));
  const withholding = routes.some(({ groups }) => groups.shape.length > 0);
  if (withholding && !(await isScopeKnown(needs, tenant))) {
    for (const id of readable) faults.set(id, new Fault('unavailable', UNKNOWN_SCOPE, { object: id }));
    return faults;
  }
  const memberOf = withholding ? await needs.ledger.memberships.groupsOf(tenant, readable) : NO_GROUPS;
  const findings: PhotoFinding[] = [];
  const open: Open[] = [];
  for (const record of await needs.ledger.photos.of(tenant, readable)) {
    const route = routes.find(({ key }) => key === record.route);
    if (!route) continue;
    const isWithheld = route.withheld(memberOf.get(record.identity) ?? new Set()).has('photo');
    if (!isWithheld) open.push({ route, record });
    else findings.push(...withheld(needs, route, record));
  }
  // Nobody else is asked for: a mailbox that is called for nothing may ask to wait for it.
  const tags = await portOf(needs.sources, tenant).pictureTags([
    ...new Set(open.map(({ record }) => record.identity)),
  ]);
  await Promise.all(
    open.map(async ({ route, record }) => {
      const sighting = tags.get(record.identity);
      if (!sighting) return;
      try {
        const finding = await findingOf(needs, { route, record, sighting });
        if (finding) findings.push(finding);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        // Of two routes' failures only one is told: the one that the mailbox asks to wait with.
        const { retryAt = 0 } = faults.get(record.identity) ?? {};
        if (retryAt <= (error.retryAt ?? 0)) faults.set(record.identity, error);
      }
    }),
  );
  const waits = [...faults].flatMap(([owner, { retryAt }]) =>
    retryAt === undefined ? [] : { owner, until: retryAt },
  );
  if (waits.length > 0) await needs.ledger.mailboxes.wait(tenant, waits);
  // One statement after another in one commit, and the same in every run.
  findings.sort((a, b) => (a.identity < b.identity ? -1 : 1));
  await fanOut(needs, await needs.ledger.photos.record(tenant, findings), originsOf(changes));
  return faults;
}

/** Whatever the source has: it is not to be shown. What it has is read anew when that ends. */
function withheld(needs: Needs, route: ActiveRoute, { identity, photo }: PhotoRecord): PhotoFinding[] {
  const tag = needs.pictures.digestOfTag(route, null);
  return photo === null ? [] : [{ identity, route: route.key, tag, photo: null }];
}

async function findingOf(
  needs: Needs,
  { route, record, sighting }: Open & { sighting: TagSighting },
): Promise<PhotoFinding | null> {
  if (sighting.kind === 'unread') throw sighting.fault;
  const { identity } = record;
  const tag = needs.pictures.digestOfTag(route, sighting.tag);
  const isSame = tag === record.tag;
  const found = { identity, route: route.key, tag };
  if (sighting.tag !== null) {
    if (isSame) return null;
    const picture = await needs.pictures.read(route, identity);
    return { ...found, photo: picture?.print ?? null };
  }
  // No picture, and none shown; or the absence was seen before, and is believed.
  if (record.photo === null || isSame)
    return isSame && record.photo === null ? null : { ...found, photo: null };
  // A mailbox that cannot be asked at the moment says the same, and taking pictures away is dear: one more look.
  const { clock, timing } = needs;
  await needs.changes.send([
    photoLook({ tenant: route.sourceTenant, id: identity }, clock.now(), timing.secondLookMs[1]),
  ]);
  return { ...found, photo: record.photo };
}

/** Asks for a look at everybody's picture, spread over an hour. Returns for how many. */
export async function announcePhotos(needs: Needs, tenant: string): Promise<number> {
  if (!needs.routes.some((route) => route.sourceTenant === tenant && route.photo !== null)) return 0;
  const people = await needs.ledger.cards.identities(tenant);
  const requests = Math.ceil(people.length / PEOPLE_A_REQUEST);
  const now = needs.clock.now();
  for (let request = 0; request < requests; request += 1) {
    const some = people.slice(request * PEOPLE_A_REQUEST, (request + 1) * PEOPLE_A_REQUEST);
    const delay = Math.floor((request * ROUND_MS) / requests);
    await needs.changes.send(some.map((id) => photoLook({ tenant, id }, now, delay)));
  }
  return people.length;
}
