import type { Answer, Explanation } from '../../engine/explain.ts';
import type { FoundContact } from '../../engine/explain-fields.ts';
import type { Plan } from '../../engine/compare.ts';
import type { Sighting } from '../../engine/ports.ts';
import type { LinkRecord } from '../../engine/ledger-port.ts';
import { failedThing, type FailedThing } from '../setback-status.ts';
import { holdReason } from '../hold-reason.ts';
import { answerOf, nextOf } from './words.ts';

/** Why somebody is, or is not, in a mailbox. Object ids, names of rules and fields, and constant texts: no value of anybody. */
export interface ExplainReport {
  readonly at: string;
  /** Job by job, of those that show people in such places. */
  readonly jobs: readonly ExplainedJob[];
  /** Jobs that the ledger does not work with yet: not started since they were configured, or withdrawn before. */
  readonly notTakenUp: readonly string[];
  /** Jobs that left the configuration, whose contacts in this mailbox are being taken back. */
  readonly withdrawn: readonly string[];
  /** The last sweeps over the tenants of these people; null: none yet. */
  readonly sweeps: readonly { readonly tenant: string; readonly lastSweep: string | null }[];
  readonly httpRequests: number;
}

export interface ExplainedJob {
  readonly job: string;
  /** A job that mirrors has two: into the hub, and out of it. */
  readonly route: string;
  /** The "person" is a contact that mailboxes share, by its SyncId. */
  readonly shared: boolean;
  /** One sentence: whether, and why. */
  readonly answer: string;
  /** One sentence: what happens when nobody does anything. */
  readonly next: string;
  /** Something could not be read: what is said holds for the rest. */
  readonly unread: boolean;
  readonly halt: 'paused' | 'reverting' | null;
  /** What Microsoft asked the service to wait for as a whole, while that lasts: the tenant's people, or all of the tenant. */
  readonly throttled: readonly { readonly tenant: string; readonly scope: string; readonly until: string }[];
  readonly person: ExplainedPerson;
  readonly mailbox: ExplainedMailbox;
  readonly contact: ExplainedContact;
  readonly fields: ExplainedFields;
  /** What does not succeed about the two and their mailbox. */
  readonly setbacks: readonly FailedThing[];
}

interface Explained {
  /** Object id; of a contact that mailboxes share its SyncId. */
  readonly id: string;
  readonly read: 'present' | 'deleted' | 'not found' | 'failed';
  /** Of a failed read. */
  readonly fault: string | null;
  /** Every condition of the scope that concerns them, in its order. */
  readonly conditions: readonly Answer[];
  /** The guard holds their removal since then, or it waits for the job's grace to end. */
  readonly heldSince: string | null;
  readonly heldBecause: string | null;
}

interface ExplainedPerson extends Explained {
  readonly outcome: 'shown' | 'leaves' | 'none' | null;
  /** What the ledger remembers; null: nothing. `known`: as it was read a moment ago. */
  /** By whose word they are never shown; null: by nobody's. */
  readonly keptOut: 'order' | 'configuration' | null;
  readonly card: {
    readonly state: 'shown' | 'gone' | 'held';
    readonly revision: number;
    readonly fannedOut: number;
    readonly known: boolean;
  } | null;
}

interface ExplainedMailbox extends Explained {
  readonly outcome: 'stays' | 'joins' | 'leaves' | 'full' | 'none' | null;
  /** Parked: with what Exchange answered. Null: the ledger knows no such mailbox. */
  readonly state: 'ready' | 'parked' | null;
  readonly reason: string | null;
  /** The mailbox asked to be left alone until then. */
  readonly notBefore: string | null;
  readonly place: {
    readonly state: 'active' | 'leaving';
    readonly folder: 'there' | 'not known yet';
    readonly trusted: boolean;
    readonly filled: boolean;
    readonly adopted: boolean;
  } | null;
}

interface ExplainedContact {
  /** People are no contacts in their own mailboxes. */
  readonly own: boolean;
  readonly wanted: boolean;
  /** What the next turn would do; null where there is nothing to work on. */
  readonly plan: Plan['kind'] | null;
  readonly link: {
    readonly state: LinkRecord['state'];
    readonly origin: LinkRecord['origin'];
    /** Of the card, last confirmed in the contact; 0: none. */
    readonly revision: number;
    /** When a write was sent whose outcome is unknown. */
    readonly attempted: string | null;
  } | null;
  /** Not tried again before then. */
  readonly restsUntil: string | null;
  /** When an audit last verified the mailbox, and how often it healed a difference of this card there. */
  readonly verifiedAt: string | null;
  readonly healed: number;
}

interface ExplainedFields {
  readonly filled: readonly string[];
  readonly empty: readonly string[];
  /** By an opt-out; `photo` for the picture. */
  readonly withheld: readonly string[];
  /** The contact as it stands in the mailbox now; `failed` with the reason. */
  readonly found: 'there' | 'missing' | 'not looked' | 'failed';
  readonly fault: string | null;
  /** Contacts of ours that show the person there; more than one is put right by an audit. */
  readonly copies: number;
  /** Fields in which it differs from what it should be. */
  readonly differing: readonly string[];
}

export function reportJob(
  explanation: Explanation,
  { now, throttled }: { readonly now: number; readonly throttled: ExplainedJob['throttled'] },
): ExplainedJob {
  const { route, halt, person, owner, guard, place, setbacks, fields } = explanation;
  const { mailbox } = owner;
  const because = (since: number | undefined): string | null =>
    since === undefined ? null : holdReason(guard.suspicion ?? undefined);
  const isResting = person.card?.state === 'held' && guard.person === null && route.graceMs > 0;
  return {
    job: route.job,
    route: route.id,
    shared: route.shares !== null,
    answer: answerOf(explanation),
    next: nextOf(explanation, now),
    unread:
      [person, owner].some(({ sighting }) => sighting.kind === 'unread') || fields.found.kind === 'unread',
    halt,
    throttled,
    person: {
      ...lookedAt(person),
      heldSince: isoOf(guard.person?.since),
      heldBecause: isResting ? "the job's grace has not ended" : because(guard.person?.since),
      outcome: person.judged?.kind ?? null,
      keptOut: person.keptOut,
      card: person.card && {
        state: person.card.state,
        revision: person.card.revision,
        fannedOut: person.card.fannedOut,
        known: person.judged?.kind === 'shown' && !person.judged.isNew,
      },
    },
    mailbox: {
      ...lookedAt(owner),
      heldSince: isoOf(guard.mailbox?.since),
      heldBecause: because(guard.mailbox?.since),
      outcome: owner.judged,
      state: mailbox?.state ?? null,
      reason: mailbox?.state === 'parked' ? mailbox.reason : null,
      notBefore: mailbox && mailbox.notBefore > now ? isoOf(mailbox.notBefore) : null,
      place: place && {
        state: place.state,
        folder: place.folder === null ? 'not known yet' : 'there',
        trusted: place.trusted,
        filled: place.filled,
        adopted: place.adopted,
      },
    },
    contact: contactOf(explanation, now),
    fields: {
      filled: fields.filled,
      empty: fields.empty,
      withheld: fields.withheld,
      ...foundOf(fields.found),
    },
    setbacks: setbacks.map(failedThing),
  };
}

function contactOf({ isOwn, work, plan, restsUntil, audit }: Explanation, now: number): ExplainedContact {
  return {
    own: isOwn,
    wanted: work?.wanted ?? false,
    plan: plan?.kind ?? null,
    link: work?.link
      ? {
          state: work.link.state,
          origin: work.link.origin,
          revision: work.link.revision,
          attempted: isoOf(work.link.attempted ?? undefined),
        }
      : null,
    restsUntil: restsUntil > now ? isoOf(restsUntil) : null,
    verifiedAt: isoOf(audit.verified ?? undefined),
    healed: audit.healed,
  };
}

function lookedAt({
  id,
  sighting,
  isGone,
  answers,
}: Pick<Explanation['person'], 'id' | 'sighting' | 'isGone' | 'answers'>): Omit<
  Explained,
  'heldSince' | 'heldBecause'
> {
  return { id, ...readingOf(sighting, isGone), conditions: answers };
}

function readingOf(sighting: Sighting, isGone: boolean): Pick<Explained, 'read' | 'fault'> {
  if (sighting.kind === 'unread') return { read: 'failed', fault: causeOf(sighting.fault) };
  if (sighting.kind === 'present') return { read: 'present', fault: null };
  return { read: isGone ? 'deleted' : 'not found', fault: null };
}

function foundOf(found: FoundContact): Pick<ExplainedFields, 'found' | 'fault' | 'copies' | 'differing'> {
  if (found.kind === 'there')
    return { found: 'there', fault: null, copies: found.items, differing: found.differing };
  if (found.kind === 'unread')
    return { found: 'failed', fault: causeOf(found.fault), copies: 0, differing: [] };
  return { found: found.kind, fault: null, copies: 0, differing: [] };
}

/** Kinds and codes alone. */
function causeOf({ kind, code }: { readonly kind: string; readonly code?: string | undefined }): string {
  return [kind, code].filter(Boolean).join(': ');
}

function isoOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
