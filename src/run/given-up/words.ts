import type { SetbackKind } from '../../engine/setback-book.ts';
import type { Circumstances, QueueName } from './report.ts';

/** What the sentences are about. */
interface Told {
  readonly id: string;
  /** Where it is a dead letter. */
  readonly queue?: QueueName;
  /** Null: nobody can read it. */
  readonly kind: SetbackKind | null;
  readonly tenant: string | null;
  readonly reason: string;
  /** Milliseconds since 1970; null: not by itself. */
  readonly nextTry: number | null;
}

/** What happens to it when nobody does anything. */
export function nextOf({ id, queue, kind, tenant, nextTry }: Told, { now, tenants }: Circumstances): string {
  if (kind === null) return 'nothing: it lies in its queue, and this version cannot read it';
  if (tenant !== null && !tenants.has(tenant))
    return `nothing, until the tenant ${tenant} is in the configuration again`;
  if (queue !== undefined) return `nothing, until "contact-sync dead retry ${id}"`;
  if (nextTry === null) return 'not tried again before the person changes, since it would be refused again';
  const when = nextTry > now ? `at ${new Date(nextTry).toISOString()}` : 'within a minute';
  return kind === 'folder'
    ? `tried again ${when}, or when the mailbox is worked on after that`
    : `tried again by itself ${when}, by a running service`;
}

interface Remedy {
  /** How a reason begins that it helps against. */
  readonly reason: RegExp;
  readonly what: string;
}

/** The first one that fits. Reasons are made in `settle`, in the engine's setbacks, and in the queues. */
const REMEDIES: readonly Remedy[] = [
  {
    reason: /^unknown version/,
    what: 'a newer version wrote it: run that version, which can read it, then retry; or drop it',
  },
  {
    reason: /^malformed/,
    what: 'it is damaged, or not of this service: look who else may write into this queue, then drop it',
  },
  {
    reason: /^ended its handler/,
    what: 'whoever handled it ended without a word: look in the log of that time for a crash or too little memory, then retry',
  },
  {
    reason: /^(?:TTLExpiredException|MaxDeliveryCountExceeded|HeaderSizeExceeded)/,
    what: 'the bus gave it up by its own rules: let "contact-sync queue check" look at the queue, then retry',
  },
  {
    reason: /^the folder name is taken/,
    what: 'the owner has a folder of that name: have it renamed, or choose another "folder" for the job',
  },
  {
    reason: /^invalid/,
    what: 'the service refuses a value of this contact: correct the person in the directory, or leave the field out in "fields"',
  },
  {
    reason: /^conflict/,
    what: 'something else changes the same contact at the same time: look for another tool, and switch it off',
  },
  {
    reason: /^unknown-outcome/,
    what: 'calls for this contact alone end without an answer: when that goes on for days, ask Microsoft with the request ids of the log',
  },
  {
    reason: /^not-found/,
    what: 'what it needs is not found: look whether the object and its groups still exist, then retry, or drop it',
  },
  {
    reason: /^unexpected/,
    what: 'the program failed in a way that nobody foresaw: the log of that time has the error; mend its cause (disk, database, memory), then retry',
  },
];

const LOOK = 'look in the log of that time for its cause, mend it, then retry';

/** What an administrator can do about it. */
export function remedyOf({ reason }: Pick<Told, 'reason'>): string {
  return REMEDIES.find((one) => one.reason.test(reason))?.what ?? LOOK;
}

/** What nobody does any more once it is forgotten, and what makes up for it. */
const DROPPING: Readonly<Record<SetbackKind, string>> = {
  user: 'this person is not looked at before they change again, or everybody is looked at',
  group: 'this group is not read before it changes again, or everybody is looked at',
  subscription: 'nothing is lost: subscriptions are looked at all the time',
  photo: "this person's picture is not looked at before it changes again, or everybody is looked at",
  mailbox: 'this mailbox is not searched for what a lost ledger forgot, and contacts of ours may stay in it',
  contacts: 'what changed in this mailbox reaches the others when its turn of the audit comes',
  identity:
    "this person's contacts in these mailboxes stay as they are until the person changes, or an audit finds them",
  fill: 'what is missing in these mailboxes stays missing until an audit finds it',
  audit: 'these mailboxes are not verified before their turn comes again',
  folder:
    'nothing but the wait is lost: the folder is tried again when its mailbox is worked on, and fails again as long as the cause is there',
  contact:
    'the contact stays as it is until its person changes or an audit finds it; when it fails again, it stands here again',
};

/** One sentence on what `drop` means for it. */
export function dropMeans({ kind }: Pick<Told, 'kind'>): string {
  return kind === null
    ? 'nobody knows what it asked for; the nightly sweep and the audit find what changed, without it'
    : DROPPING[kind];
}
