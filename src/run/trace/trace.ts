import { createHalts } from '../../engine/halts.ts';
import type { Ledger } from '../../engine/ledger-port.ts';
import type { Config } from '../../kit/config/config.ts';
import { iso } from '../../kit/iso.ts';
import { Fault } from '../../model/fault.ts';
import { momentOf } from '../../model/trace.ts';
import { reportLetter, reportSetback } from '../given-up/report.ts';
import { withLedger } from '../orders.ts';
import { DAY_MS, tracesMs } from '../retention.ts';
import type { Surroundings } from '../service.ts';
import { looksSince, writesOf, type FoundLook } from './found.ts';
import { queuedFor, type Asked, type Queued } from './queued.ts';
import type { ChangesReport, TracedCard, TracedChange, TracedObject, TraceReport } from './report.ts';
import { nextOf } from './words.ts';

/** Nothing of ours is older: whatever begins with an earlier time is no id of a change. */
const BEGINNING = Date.UTC(2026, 0);
/** A clock that is ahead of this one by more than that would be known to the doctor. */
const AHEAD_MS = 24 * 3_600_000;
/** More than a person reads. */
const SETBACKS = 10_000;
const CHANGES = 20;

/**
 * Follows one event through looks, queues and writes, beside a running service: by what the ledger keeps and the queues hold, without
 * a request to Microsoft. Throws a `not-found` fault that says why nothing is known of it.
 */
export async function traceChange(
  config: Config,
  surroundings: Surroundings,
  asked: Asked,
): Promise<TraceReport> {
  const { change } = asked;
  const now = surroundings.clock.now();
  const since = momentOf(change);
  if (!(since >= BEGINNING && since <= now + AHEAD_MS))
    throw new Fault(
      'not-found',
      `${change} is no id of a change: those begin with the time of the event. Give the object id of the person or group instead`,
    );
  return withLedger(config, async (ledger) => {
    // The queues first: what is done after this look is in the ledger by the next one, and else it would be in neither.
    const queued = await queuedFor(config, surroundings, asked);
    const looks = await looksSince(ledger, since, ({ changes }) => changes.includes(change));
    const writes = await writesOf(ledger, change, since);
    const [look] = looks;
    const about: TracedObject | null = look ? objectOf(look) : queued.about;
    const isKnown = about !== null || writes.mailboxes > 0 || queued.waiting.length > 0;
    if (!isKnown && queued.letters.length === 0 && queued.unread === null)
      throw new Fault('not-found', unknown(config, { change, since, now, lookedAt: queued.lookedAt }));
    const found = {
      at: iso(now),
      about,
      looks: looks.map(({ at, outcome, fault, causes }) => {
        return { at: iso(at), outcome, fault: fault === '' ? null : fault, causes };
      }),
      writes,
      waiting: queued.waiting,
      unread: queued.unread,
      lookedAt: queued.lookedAt,
      givenUp: await givenUpOf(ledger, { config, now, about, queued }),
      cards: about === null ? [] : await cardsOf(ledger, about),
    };
    return {
      change,
      arrived: iso(since),
      together: togetherWith(change, looks),
      ...found,
      next: nextOf(found),
    };
  });
}

function objectOf({ tenant, kind, object }: FoundLook): TracedObject {
  return { tenant, kind, object };
}

function togetherWith(change: string, looks: readonly FoundLook[]): string[] {
  const others = new Set(looks.flatMap(({ changes }) => changes));
  others.delete(change);
  return [...others].toSorted();
}

/** Why nothing is known of it. */
function unknown(
  { compliance: { record } }: Config,
  given: {
    readonly change: string;
    readonly since: number;
    readonly now: number;
    readonly lookedAt: number | null;
  },
): string {
  const { change, since, now, lookedAt } = given;
  const unheld =
    lookedAt === null
      ? 'no queue holds it'
      : `it is not among the first ${lookedAt} messages of a queue, and more were not looked at`;
  if (record.days === 0)
    return `of change ${change} nothing is kept, since compliance.record.days is 0, and ${unheld}`;
  const kept = tracesMs(record.days * DAY_MS);
  if (since < now - kept)
    return `change ${change} arrived at ${iso(since)}: what became of changes is kept for ${kept / DAY_MS} days, writes for ${record.days}, nothing of it is left, and ${unheld}`;
  return (
    `nothing is known of change ${change}: ${unheld}, and the ledger has nothing of it. It may be another installation's, ` +
    'or one of more than eight about one object that were looked at together, of which the newest eight keep their ids'
  );
}

async function givenUpOf(
  { setbacks }: Ledger,
  given: {
    readonly config: Config;
    readonly now: number;
    readonly about: TracedObject | null;
    readonly queued: Queued;
  },
): Promise<TraceReport['givenUp']> {
  const { config, now, about, queued } = given;
  const circumstances = { now, tenants: new Set(config.tenants.map(({ id }) => id)) };
  const ofObject =
    about === null ? [] : (await setbacks.latest(SETBACKS)).filter(({ object }) => object === about.object);
  return [
    ...queued.letters.map((letter) => reportLetter(letter, circumstances)),
    ...ofObject.map((setback) => reportSetback(setback, circumstances)),
  ].map(({ id, reason, next }) => ({ id, reason, next }));
}

async function cardsOf(ledger: Ledger, { tenant, object }: TracedObject): Promise<TracedCard[]> {
  const routes = new Map((await ledger.routes.all()).map((route) => [route.key, route]));
  const halts = createHalts(ledger.halts);
  await halts.refresh();
  const cards = await ledger.cards.of(tenant, [object]);
  return cards.flatMap(({ route: key, state, revision, fannedOut }) => {
    const route = routes.get(key);
    return route
      ? { job: route.job, route: route.id, state, revision, fannedOut, halt: halts.of(route.id) }
      : [];
  });
}

/** The newest events about a person or group, by its object id (or SyncId), as far as they are kept. */
export function latestChanges(
  config: Config,
  { clock }: Pick<Surroundings, 'clock'>,
  object: string,
): Promise<ChangesReport> {
  const now = clock.now();
  const keptSince = now - tracesMs(config.compliance.record.days * DAY_MS);
  return withLedger(config, async (ledger) => {
    const looks = await looksSince(ledger, keptSince, (look) => look.object === object);
    const changes = new Map<string, TracedChange>();
    for (const look of looks) {
      for (const change of look.changes) {
        const { at, outcome, causes } = look;
        const about = { change, arrived: iso(momentOf(change)), lookedAt: iso(at) };
        changes.set(change, { ...about, ...objectOf(look), outcome, causes });
      }
    }
    const newest = [...changes.values()].toSorted((one, other) => (one.change > other.change ? -1 : 1));
    return { at: iso(now), object, keptSince: iso(keptSince), changes: newest.slice(0, CHANGES) };
  });
}
