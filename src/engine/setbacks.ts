import { toldOf } from '../kit/told.ts';
import { changeKey, type Change } from '../model/change.ts';
import { writeMergeKey, type Write } from '../model/write.ts';
import type { Needs } from './needs.ts';
import type { Received, Verdict } from './queue-port.ts';
import { changeMessage, writeMessage } from './send.ts';
import type { Failure, Setback, SetbackKind, Subject } from './setback-book.ts';

/** The waits double up to so many times the first one: what failed for good is tried once a day in the end. */
const LONGEST_FACTOR = 24;
/** When the ledger cannot be told of a failure, its message stays in the queue for this long. */
const LEDGER_RETRY_MS = 60_000;
const PORTION = 500;

/** How long what failed for the so-many-th time rests, as a mailbox that cannot be used does. Pure. */
export function restOf(times: number, parkMs: number): number {
  return parkMs * Math.min(LONGEST_FACTOR, 2 ** (times - 1));
}

/** How much of what is counted is work: messages that were given up for now. */
export function workOf(counts: ReadonlyMap<SetbackKind, number>): number {
  let work = 0;
  for (const [kind, number] of counts) if (kind !== 'folder' && kind !== 'contact') work += number;
  return work;
}

type Settling = Pick<Needs, 'ledger' | 'clock' | 'log' | 'timing' | 'failing'>;

/**
 * Goes over the verdicts before the queue gets them. What would be a dead letter is noted in the ledger, from where it
 * comes back by itself, and only then let go; where that cannot be noted, the message stays. What is done is crossed
 * out there.
 */
export async function noteVerdicts(
  needs: Settling,
  messages: readonly Received<Change | Write>[],
  verdicts: Map<string, Verdict>,
): Promise<void> {
  const failures: Failure[] = [];
  const done: Subject[] = [];
  for (const { id, body } of messages) {
    const verdict = verdicts.get(id);
    if (verdict?.kind === 'dead') failures.push(failureOf(body, verdict.reason, needs.clock.now()));
    if (verdict?.kind === 'done') done.push(subjectOf(body));
    if (verdict?.kind === 'dead' || verdict?.kind === 'done') needs.failing.delete(nameOf(body));
  }
  try {
    await needs.ledger.setbacks.clear(done);
    await bury(needs, failures);
  } catch (error) {
    needs.log.tell('given-up-unnoted', { error: toldOf(error) });
    for (const { id } of messages) {
      if (verdicts.get(id)?.kind === 'dead')
        verdicts.set(id, { kind: 'later', delayMs: LEDGER_RETRY_MS, countAttempt: false });
    }
    return;
  }
  for (const { id } of messages) if (verdicts.get(id)?.kind === 'dead') verdicts.set(id, { kind: 'done' });
}

async function bury(needs: Settling, failures: readonly Failure[]): Promise<void> {
  const { parkMs } = needs.timing;
  for (const one of await needs.ledger.setbacks.note(failures, (times) => restOf(times, parkMs))) {
    const { kind, tenant, slab, object, reason, times, retryAt } = one;
    const nextTry = retryAt === null ? null : new Date(retryAt).toISOString();
    needs.log.tell('work-given-up', {
      kind,
      tenant,
      slab,
      object,
      reason,
      times,
      nextTry,
    });
  }
}

/** A message that somebody found given up elsewhere: a dead letter of a queue. `at`: since when (milliseconds since 1970). */
export interface Abandoned {
  readonly body: Change | Write;
  readonly reason: string;
  readonly at: number;
}

/**
 * From now on the book has them, and they are due. Where they were found they may be let go of when this is durable: until
 * then they are there, and in between they are in both, which does no harm.
 */
export async function takeUp(
  { setbacks }: Pick<Needs['ledger'], 'setbacks'>,
  found: readonly Abandoned[],
): Promise<void> {
  await setbacks.note(
    found.map(({ body, reason, at }) => failureOf(body, reason, at)),
    () => 0,
  );
}

/** Their handling failed, and they are tried again: whoever waits for all to be done waits for these (`failing`). */
export function noteFailing(
  needs: Pick<Needs, 'failing'>,
  messages: readonly Received<Change | Write>[],
): void {
  for (const { body } of messages) needs.failing.add(nameOf(body));
}

/** Their handling went well. */
export function noteHandled(
  needs: Pick<Needs, 'failing'>,
  messages: readonly Received<Change | Write>[],
): void {
  for (const { body } of messages) needs.failing.delete(nameOf(body));
}

/** Sends what failed and whose rest is over. Returns how much; more than that waits for the next time. */
export async function sendRested(
  needs: Pick<Needs, 'ledger' | 'clock' | 'changes' | 'writes' | 'sources' | 'timing'>,
): Promise<number> {
  const now = needs.clock.now();
  // A tenant that is not in the configuration any more would only fail again.
  const due = await needs.ledger.setbacks.due([...needs.sources.keys()], now, PORTION);
  if (due.length === 0) return 0;
  const changes = due.flatMap((one) => changeOf(one) ?? []);
  const writes = due.flatMap((one) => writeOf(one) ?? []);
  if (changes.length > 0) await needs.changes.send(changes.map((change) => changeMessage(change)));
  if (writes.length > 0) await needs.writes.send(writes.map((write) => writeMessage(write)));
  await needs.ledger.setbacks.postpone(due, now + needs.timing.parkMs);
  return due.length;
}

/** How many changes this process could not handle the last time, and handles again. */
export function changesFailing({ failing }: Pick<Needs, 'failing'>): number {
  return [...failing].filter((name) => name.startsWith('change ')).length;
}

function nameOf(body: Change | Write): string {
  return isWrite(body) ? `write ${writeMergeKey(body)}` : `change ${changeKey(body)}`;
}

function isWrite(body: Change | Write): body is Write {
  return 'slab' in body;
}

function subjectOf(body: Change | Write): Subject {
  const { kind, tenant } = body;
  const nowhere = { kind, tenant, mailbox: null, route: null };
  if (!isWrite(body)) return { ...nowhere, slab: null, object: body.id };
  return { ...nowhere, slab: body.slab, object: body.kind === 'identity' ? body.identity : null };
}

function failureOf(body: Change | Write, reason: string, at: number): Failure {
  return { ...subjectOf(body), at, reason, causes: isWrite(body) ? [] : body.causes, event: body.at };
}

function changeOf({ kind, tenant, object: id, causes, event }: Setback): Change | null {
  if (
    kind !== 'user' &&
    kind !== 'group' &&
    kind !== 'subscription' &&
    kind !== 'photo' &&
    kind !== 'mailbox'
  )
    return null;
  return id === null ? null : { v: 1, kind, tenant, id, causes, at: event };
}

/** A contact comes back as its person's work in the slab. */
function writeOf({ kind, tenant, slab, object: identity, event, at }: Setback): Write | null {
  if (slab === null) return null;
  const work = { v: 1, tenant, slab, at: event === 0 ? at : event } as const;
  if (kind === 'fill' || kind === 'audit') return { ...work, kind };
  return identity === null ? null : { ...work, kind: 'identity', identity };
}
