import { createHash } from 'node:crypto';
import type { DeadLetter } from '../../engine/queue-port.ts';
import { subjectKey, type Setback, type SetbackKind } from '../../engine/setback-book.ts';
import type { Change } from '../../model/change.ts';
import type { Write } from '../../model/write.ts';
import { dropMeans, nextOf, remedyOf } from './words.ts';
import { iso } from '../../kit/iso.ts';

/** All that was given up, for now or for good, the newest first. */
export interface GivenUpReport {
  readonly at: string;
  /** How many there are; `things` may be fewer. */
  readonly total: number;
  readonly things: readonly GivenUp[];
}

/**
 * A setback of the ledger, which comes back by itself, or a dead letter of a queue, which does not. Object ids, and constant
 * texts: nothing personal.
 */
export interface GivenUp {
  /** What `dead show`, `retry` and `drop` know it by, for as long as it stands there. */
  readonly id: string;
  readonly keptIn: 'ledger' | QueueName;
  /** What was to be done; null where nobody can read it. */
  readonly kind: SetbackKind | null;
  readonly tenant: string | null;
  /** Object id of the mailbox's owner; of folders and contacts. */
  readonly mailbox: string | null;
  readonly route: string | null;
  /** Object id of the person or group, id of a subscription; null where it is about a folder or all of a slab. */
  readonly object: string | null;
  readonly slab: number | null;
  readonly reason: string;
  readonly since: string;
  /** Of the newest failure. */
  readonly at: string;
  /** How often it was given up; null where nobody counted. */
  readonly times: number | null;
  /** Null: not by itself. */
  readonly nextTry: string | null;
  /** What happens next, what an administrator can do, and what `drop` would mean. */
  readonly next: string;
  readonly remedy: string;
  readonly dropping: string;
}

export type QueueName = 'changes' | 'writes';
export type Letter = DeadLetter<Change | Write> & { readonly queue: QueueName };

/** What is known of the installation beside the thing itself. */
export interface Circumstances {
  readonly now: number;
  /** Tenants of the configuration. */
  readonly tenants: ReadonlySet<string>;
}

/** As many digits as a person copies; among ten thousand things two alike are one in a million installations. */
const NAME_LENGTH = 10;

export function setbackId(setback: Setback): string {
  return createHash('sha256').update(subjectKey(setback)).digest('hex').slice(0, NAME_LENGTH);
}

export function letterId({ queue, id }: Pick<Letter, 'queue' | 'id'>): string {
  return `${queue}-${id}`;
}

export function reportSetback(setback: Setback, circumstances: Circumstances): GivenUp {
  const { kind, tenant, mailbox, route, object, slab, reason, since, at, times, retryAt } = setback;
  const id = setbackId(setback);
  const told = { id, kind, tenant, reason, nextTry: retryAt };
  return {
    id,
    keptIn: 'ledger',
    kind,
    tenant,
    mailbox,
    route,
    object,
    slab,
    reason,
    since: iso(since),
    at: iso(at),
    times,
    nextTry: retryAt === null ? null : iso(Math.max(retryAt, circumstances.now)),
    next: nextOf(told, circumstances),
    remedy: remedyOf(told),
    dropping: dropMeans(told),
  };
}

export function reportLetter(letter: Letter, circumstances: Circumstances): GivenUp {
  const { queue, body, reason, at } = letter;
  const id = letterId(letter);
  const kind = body?.kind ?? null;
  const told = { id, queue, kind, tenant: body?.tenant ?? null, reason, nextTry: null };
  return {
    id,
    keptIn: queue,
    kind,
    tenant: told.tenant,
    mailbox: null,
    route: null,
    object: objectOf(body),
    slab: body !== null && 'slab' in body ? body.slab : null,
    reason,
    since: iso(at),
    at: iso(at),
    times: null,
    nextTry: null,
    next: nextOf(told, circumstances),
    remedy: remedyOf(told),
    dropping: dropMeans(told),
  };
}

function objectOf(body: Change | Write | null): string | null {
  if (body === null) return null;
  if (!('slab' in body)) return body.id;
  return body.kind === 'identity' ? body.identity : null;
}
