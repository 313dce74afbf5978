import type { Move, MutableTally } from '../engine/forecast.ts';
import type { RouteRecord } from '../engine/ledger-port.ts';
import type { Leftovers } from '../engine/leftovers.ts';
import { portOf, type Needs } from '../engine/needs.ts';
import type { Work } from '../engine/work.ts';
import { holdReason } from './hold-reason.ts';
import { changedFields, type CardField } from '../model/card.ts';

export interface PlanReport {
  readonly jobs: readonly PlannedJob[];
  /** Folders of other tools beside ours, tenant by tenant. */
  readonly leftovers: readonly Leftovers[];
  /** Groups of the configuration that the directory does not know. */
  readonly missingGroups: readonly { readonly tenant: string; readonly group: string }[];
  /** Objects that could not be read: nothing is planned for them. */
  readonly unread: number;
  /** That the plan itself needed. */
  readonly httpRequests: number;
  readonly seconds: number;
}

export interface PlannedJob {
  readonly job: string;
  readonly halt: 'paused' | 'reverting' | null;
  /** People who would be shown, and mailboxes that would receive. */
  readonly people: number;
  readonly mailboxes: number;
  /** Contacts. */
  readonly create: number;
  /** Contacts of before that would be taken over (`adopt`) instead of making others. */
  readonly adopt: number;
  readonly change: number;
  readonly remove: number;
  /** Contacts that a run would look up first: only then is it known whether they are right. */
  readonly look: number;
  /** People and mailboxes whose removal the guard would hold. */
  readonly hold: number;
  /** Full batches that the writes would take. */
  readonly requests: number;
  readonly rows: readonly PlanRow[];
}

export interface PlanRow {
  readonly kind: 'person' | 'mailbox';
  /** Object id. */
  readonly id: string;
  readonly action: 'create' | 'change' | 'remove' | 'fill' | 'empty' | 'hold' | 'adopt' | 'wait';
  /** How many contacts that concerns. */
  readonly contacts: number;
  /** Names of the fields that would change; null where there are none, or where they could not be read. */
  readonly fields: readonly string[] | null;
  readonly reason: string | null;
}

interface Seen {
  readonly moves: readonly Move[];
  readonly tallies: ReadonlyMap<number, MutableTally>;
  /** By route: how many contacts of each mailbox would be adopted, by owner. */
  readonly adoptions: ReadonlyMap<number, ReadonlyMap<string, number>>;
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

async function planJob(needs: Needs, route: RouteRecord, seen: Seen): Promise<PlannedJob> {
  const { ledger } = needs;
  const { moves, tallies, adoptions } = seen;
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
  const suspicion = (await ledger.guard.suspicions()).find(({ job }) => job === route.job);
  const reason = holdReason(suspicion);
  for (const { kind, subject } of held) {
    rows.push({ kind, id: subject, action: 'hold', contacts: 0, fields: null, reason });
  }
  const taken = [...(adoptions.get(route.key) ?? [])].filter(([, contacts]) => contacts > 0);
  for (const [id, contacts] of taken)
    rows.push({ kind: 'mailbox', id, action: 'adopt', contacts, fields: null, reason: null });
  const adopt = taken.reduce((sum, [, contacts]) => sum + contacts, 0);
  for (const { tenant, slab } of await ledger.slabs.of(route.key)) {
    for (const { kind, route: id, mailbox, reason } of await ledger.setbacks.inSlab(tenant, slab)) {
      if (kind === 'folder' && id === route.id && mailbox !== null)
        rows.push({ kind: 'mailbox', id: mailbox, action: 'wait', contacts: 0, fields: null, reason });
    }
  }
  const { create = 0, change = 0, remove = 0, look = 0 } = tally ?? {};
  return {
    job: route.job,
    halt: needs.halts.of(route.id),
    people: (await ledger.cards.count(route.key)).shown,
    mailboxes: await ledger.places.count(route.key),
    create: Math.max(0, create - adopt),
    adopt,
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
