import { changeIdOf, mergeTraces, traceparentOf } from './trace.ts';

/**
 * A change says *look at this object*, never what happened to it. It may come twice, late, out of order or
 * not at all; doing it again finds nothing to do.
 */
export interface Change {
  readonly v: 1;
  readonly kind: ChangeKind;
  /** Configuration key of the tenant. */
  readonly tenant: string;
  /** Object id of the user or group (of the user for `photo`, `mailbox` and `contacts`); the subscription's id for `subscription`. */
  readonly id: string;
  /** Who asked for the look; merged when several did. */
  readonly causes: readonly Cause[];
  /**
   * When the last event about the object reached us, in milliseconds since 1970. Which look is due, and whether an object
   * that cannot be found is believed to be gone, follows from the time since.
   */
  readonly at: number;
  /**
   * On behalf of which events (trace.ts), where it is not this one alone. For whoever asks what became of them: nothing is decided
   * by it.
   */
  readonly traces?: readonly string[];
}

/**
 * `photo`: the picture of a user, of which nothing else tells. `mailbox`: what stands in a user's mailbox that no place knows.
 * `contacts`: what a user's mailbox shares with others.
 */
export type ChangeKind = 'user' | 'group' | 'subscription' | 'photo' | 'mailbox' | 'contacts';

export type Cause =
  | 'notification'
  | 'reauthorizationRequired'
  | 'subscriptionRemoved'
  | 'missed'
  | 'sweep'
  /** Found by asking again and again, where no notifications are to be had. */
  | 'poll'
  | 'membership'
  | 'configuration'
  | 'stale'
  | 'command';

/** The unit of mutual exclusion: one handler per object at a time. */
export function changeKey(change: Pick<Change, 'kind' | 'tenant' | 'id'>): string {
  return `${change.kind}|${change.tenant}|${change.id}`;
}

/** What a waiting change becomes when another for the same object arrives. */
export function mergeChanges(waiting: Change, arriving: Change): Change {
  const merged = {
    ...waiting,
    causes: [...new Set([...waiting.causes, ...arriving.causes])],
    at: lastEvent(waiting, arriving),
  };
  return withTraces(merged, mergeTraces(tracesOf(waiting), tracesOf(arriving)));
}

/** The events behind a look, as traceparents: at least one. */
export function tracesOf(change: Change): readonly string[] {
  return change.traces ?? [traceparentOf(change, change.at)];
}

/** The same look on behalf of these events. What follows from the change itself is not carried. */
export function withTraces({ v, kind, tenant, id, causes, at }: Change, traces: readonly string[]): Change {
  const change = { v, kind, tenant, id, causes, at };
  const [only = ''] = traces;
  const isItsOwn = traces.length === 1 && only === traceparentOf(change, change.at);
  return traces.length === 0 || isItsOwn ? change : { ...change, traces };
}

/** What a person calls these events: `trace` of the command line finds them by it. */
export function changeIdsOf(change: Change): readonly string[] {
  return tracesOf(change).map(changeIdOf);
}

/** A worker that asks for a fresh look is no event: it must not put off the moment at which an absence is believed. */
function lastEvent(waiting: Change, arriving: Change): number {
  if (isQuestion(arriving)) return waiting.at;
  return isQuestion(waiting) ? arriving.at : Math.max(waiting.at, arriving.at);
}

function isQuestion(change: Change): boolean {
  return change.causes.every((cause) => cause === 'stale');
}
