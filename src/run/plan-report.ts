import type { Move, MutableTally } from '../engine/forecast.ts';
import type { RouteRecord } from '../engine/ledger-port.ts';
import { portOf, type Needs } from '../engine/needs.ts';
import type { Work } from '../engine/pairs.ts';
import { changedFields, type CardField } from '../model/card.ts';
import type { PlannedJob, PlanRow } from './service.ts';

interface Seen {
  readonly moves: readonly Move[];
  readonly tallies: ReadonlyMap<number, MutableTally>;
}

/** Calls that one request carries (learn.microsoft.com/graph/json-batching). */
const CALLS_A_REQUEST = 20;
const ACTIONS = {
  shown: 'create',
  changed: 'change',
  gone: 'remove',
  joined: 'fill',
  left: 'empty',
} as const;

/** What was seen, job by job. Reads one contact for each person who has changed, to name the fields. */
export async function planJobs(needs: Needs, seen: Seen): Promise<PlannedJob[]> {
  const jobs: PlannedJob[] = [];
  for (const route of await needs.ledger.routes.all()) {
    const isConfigured = needs.routes.some(({ key }) => key === route.key);
    // A job that rests by `--job` is not planned either.
    if (!isConfigured && route.state === 'active') continue;
    jobs.push(await planJob(needs, route, seen));
  }
  return jobs;
}

async function planJob(needs: Needs, route: RouteRecord, { moves, tallies }: Seen): Promise<PlannedJob> {
  const { ledger } = needs;
  const tally = tallies.get(route.key);
  const fields = await fieldsOf(needs, route, tally);
  const rows: PlanRow[] = moves
    .filter((move) => move.route === route.key)
    .map(({ kind, subject, becomes }) => ({
      kind,
      id: subject,
      action: ACTIONS[becomes],
      contacts:
        (kind === 'person' ? tally?.people.get(subject)?.contacts : tally?.mailboxes.get(subject)) ?? 0,
      fields: becomes === 'changed' ? (fields.get(subject) ?? null) : null,
      reason: null,
    }));
  const held = await ledger.guard.held(route.job);
  for (const { kind, subject } of held) {
    const reason = 'more removals in 24 hours than the guard allows';
    rows.push({ kind, id: subject, action: 'hold', contacts: 0, fields: null, reason });
  }
  const { create = 0, change = 0, remove = 0, look = 0 } = tally ?? {};
  return {
    job: route.job,
    halt: needs.halts.of(route.id),
    people: (await ledger.cards.count(route.key)).shown,
    mailboxes: await ledger.places.count(route.key),
    create,
    change,
    remove,
    look,
    hold: held.length,
    requests: Math.ceil((create + change + remove) / CALLS_A_REQUEST),
    rows,
  };
}

/** Names of the fields that differ, by identity, from one contact of each: the ledger knows fingerprints alone. */
async function fieldsOf(
  needs: Needs,
  route: RouteRecord,
  tally: MutableTally | undefined,
): Promise<Map<string, string[]>> {
  const active = needs.routes.find(({ key }) => key === route.key);
  const samples = [...(tally?.people.values() ?? [])].flatMap(({ sample }) => sample ?? []);
  if (!active || samples.length === 0) return new Map();
  const found = await portOf(needs.targets, route.targetTenant).apply(
    samples.map((work) => toFind(work, active.owns)),
    'bulk',
  );
  const bodies = await needs.bodies.of(
    active,
    samples.map(({ card }) => card),
  );
  const fields = new Map<string, string[]>();
  samples.forEach(({ card }, index) => {
    const outcome = found[index];
    const [item] = outcome?.kind === 'items' ? outcome.items : [];
    const wanted = bodies.get(card.person);
    if (item && wanted) fields.set(card.identity, changedFields(item.card, wanted));
  });
  return fields;
}

function toFind({ place, card }: Work, fields: readonly CardField[]) {
  const { owner: mailbox, routeId: route } = place;
  const mark = { route, identity: card.identity };
  return { kind: 'find' as const, mailbox, folder: place.folder ?? '', route, mark, fields };
}
