import { toldOf } from '../kit/told.ts';
import { changeIdsOf, mergeChanges, tracesOf, withTraces, type Cause, type Change } from '../model/change.ts';
import { expand } from './expand.ts';
import { noteLooks, type Looked } from './looks.ts';
import { refreshGroups } from './membership.ts';
import { portOf, type Needs } from './needs.ts';
import { lookAtPhotos } from './photo-look.ts';
import type { Delivery, Outgoing, Received, Verdict } from './queue-port.ts';
import { lookIntoMailboxes, searchReturned } from './recall.ts';
import { changeMessage } from './send.ts';
import { noteFailing, noteVerdicts } from './setbacks.ts';
import { isSuspect, LAST_ATTEMPT, settle } from './settle.ts';
import { lookAtShared } from './shared-looks.ts';
import type { LookOutcome } from './trace-port.ts';

/** What a look found: something `new`, nothing new, an object that may be gone but is not proven to be, or none of ours. */
export type Finding = 'new' | 'nothing' | 'unproven' | 'ignored';

/** Carries out lifecycle events of subscriptions; given by the keeper. */
export type OnSubscription = (change: Change) => Promise<void>;

/**
 * Handles what was taken from the queue of changes, all deliveries together: their objects are read 20 to a request.
 * Settles every delivery; a failure concerns only the changes of the same kind and tenant.
 */
export async function handleChanges(
  needs: Needs,
  deliveries: readonly Delivery<Change>[],
  onSubscription: OnSubscription,
): Promise<void> {
  const verdicts = new Map<string, Verdict>();
  const all = deliveries.flatMap((delivery) => delivery.messages);
  const groups = Map.groupBy(all, (message) => {
    const { kind, tenant, id } = message.body;
    return `${kind}|${tenant}|${isSuspect(message) ? id : ''}`;
  });
  for (const messages of groups.values()) {
    const changes = onePerObject(messages.map((message) => message.body));
    try {
      const looked = await lookAt(needs, changes, onSubscription);
      await noteLooks(needs, changes, looked);
      for (const message of messages) {
        const fault = looked.faults.get(message.body.id);
        verdicts.set(message.id, fault ? failed(needs, message, fault) : { kind: 'done' });
      }
    } catch (error) {
      needs.log.tell('changes-unhandled', {
        kind: changes[0]?.kind,
        count: changes.length,
        changes: changes.slice(0, NAMED_AT_MOST).flatMap(changeIdsOf),
        error: toldOf(error),
      });
      await noteLooks(needs, changes, error instanceof Error ? error : new Error('not an error'));
      for (const message of messages) verdicts.set(message.id, failed(needs, message, error));
    }
  }
  await noteVerdicts(needs, all, verdicts);
  // Together: keys that come free one at a time would be read one at a time.
  await Promise.all(deliveries.map((delivery) => needs.changes.settle(delivery, verdicts)));
}

/** Ids of changes on one line of the log. */
const NAMED_AT_MOST = 5;

/** So long an event has tries of its own, however often the message failed that it was merged into. */
const FRESH_MS = 10 * 60_000;

function failed(needs: Needs, message: Received<Change>, error: unknown): Verdict {
  noteFailing(needs, [message]);
  const now = needs.clock.now();
  const isFresh = now - message.body.at < FRESH_MS;
  return settle(error, isFresh ? Math.min(message.attempts, LAST_ATTEMPT - 1) : message.attempts, now);
}

/** Throws what concerns all of them. */
async function lookAt(
  needs: Needs,
  changes: readonly Change[],
  onSubscription: OnSubscription,
): Promise<Looked> {
  const none: Looked = { findings: new Map(), faults: new Map() };
  const { findings } = none;
  const [first] = changes;
  // Of a tenant that left the configuration nobody is shown, and whoever comes back is looked at in a round over everybody.
  if (!first) return none;
  if (!needs.sources.has(first.tenant))
    return { ...none, findings: new Map(changes.map(({ id }) => [id, 'ignored'])) };
  if (first.kind === 'subscription') {
    for (const change of changes) await onSubscription(change);
    return none;
  }
  if (first.kind === 'photo') return { findings, faults: await lookAtPhotos(needs, first.tenant, changes) };
  if (first.kind === 'mailbox')
    return { findings, faults: await lookIntoMailboxes(needs, first.tenant, changes) };
  if (first.kind === 'contacts')
    return { findings, faults: await lookAtShared(needs, first.tenant, changes) };
  const looked: Looked =
    first.kind === 'user'
      ? await expand(needs, first.tenant, changes)
      : { ...none, findings: await refreshGroups(needs, first.tenant, changes) };
  if (first.kind === 'user') await searchReturned(needs, first.tenant, changes);
  else if (portOf(needs.sources, first.tenant).listings.includes('groups'))
    await lookAsPeople(needs, changes);
  const now = needs.clock.now();
  const again = changes
    .filter((change) => !looked.faults.has(change.id))
    .flatMap((change) =>
      nextLook(
        { change, finding: looked.findings.get(change.id) ?? 'nothing', now },
        needs.timing.secondLookMs,
      ),
    );
  // Before the verdict: a crash in between looks once more, never once less.
  if (again.length > 0) await needs.changes.send(again);
  return looked;
}

/** Groups may be shown themselves, beside what their members are. */
async function lookAsPeople(needs: Needs, changes: readonly Change[]): Promise<void> {
  await needs.changes.send(
    changes.map((change) => changeMessage(withTraces({ ...change, kind: 'user' }, tracesOf(change)))),
  );
}

/** What is read on these occasions was announced by nobody as changed: a second look would only find the same again. */
const QUIET: ReadonlySet<Cause> = new Set<Cause>(['configuration', 'membership']);

/**
 * A read after a notification may be stale in either direction, so "nothing new" is believed only after a second look,
 * and every object gets a quiet last look a few minutes after its last event. Where nobody announced a change of the
 * object itself, only what was not found is looked at again.
 */
function nextLook(
  { change, finding, now }: { change: Change; finding: LookOutcome; now: number },
  [soon, quiet]: readonly [number, number],
): Outgoing<Change>[] {
  // A group that was just found nested was read once, perhaps from a replica that is behind: it gets its looks.
  const isQuiet = change.kind === 'user' && change.causes.every((cause) => QUIET.has(cause));
  if (isQuiet && finding !== 'unproven') return [];
  if (finding === 'ignored') return [];
  const elapsed = now - change.at;
  if (elapsed < soon && finding !== 'new') return [changeMessage(change, soon - elapsed)];
  if (elapsed < quiet) return [changeMessage(change, quiet - elapsed)];
  // Something new at the last look: it was stale for longer than we thought, and may still be.
  const again = withTraces({ ...change, at: now }, tracesOf(change));
  return finding === 'new' ? [changeMessage(again, quiet)] : [];
}

/** Several messages for one object ask for one look, on behalf of all causes. */
function onePerObject(changes: readonly Change[]): Change[] {
  const byId = new Map<string, Change>();
  for (const change of changes) {
    const other = byId.get(change.id);
    byId.set(change.id, other ? mergeChanges(other, change) : change);
  }
  return [...byId.values()];
}
