import type { Outcome, Target } from '../../engine/ports.ts';
import type { Delivery, Outlet, Queue, Received, Verdict } from '../../engine/queue-port.ts';
import type { OpenSpan, SpanAttributes, Tracing } from '../../kit/tracing.ts';
import { tracesOf, type Change } from '../../model/change.ts';
import { changeIdOf, isOfNobody } from '../../model/trace.ts';
import { tracesBehind, type Write } from '../../model/write.ts';

/*
 * The trace of a change: `notification`, under it `look` and `write`, each in the process that took the message and until it is
 * settled there. What is read or sent together (`looks`, `batch`) has a trace of its own, and is linked with the spans of its changes.
 */

/** What a receiver sends begins a trace, and says so in the message. */
export function tracedOutlet<Sent extends Outlet<Change>>(tracing: Tracing, outlet: Sent): Sent {
  const send: Outlet<Change>['send'] = async (messages) => {
    const spans: OpenSpan[] = [];
    const traced = messages.map((message) => {
      const { body } = message;
      const [first = ''] = tracesOf(body);
      const attributes = { [TENANT]: body.tenant, [KIND]: body.kind, [CAUSES]: body.causes.join(' ') };
      const span = tracing.begin('notification', { traceId: changeIdOf(first), attributes });
      spans.push(span);
      return { ...message, body: { ...body, traces: [span.traceparent] } };
    });
    await ended(spans, () => outlet.send(traced));
  };
  return { ...outlet, send };
}

/** In processes that work for months, whoever never settles what they took must not be remembered for ever. */
const OPEN_AT_MOST = 10_000;

/** What was taken and is not settled yet, by message. */
type Open = Map<string, readonly OpenSpan[]>;

export function tracedChanges(tracing: Tracing, queue: Queue<Change>): Queue<Change> {
  return traced(tracing, queue, {
    one: 'look',
    together: 'looks',
    tracesOf,
    about: ({ tenant, kind, causes }) => ({ [TENANT]: tenant, [KIND]: kind, [CAUSES]: causes.join(' ') }),
  });
}

export function tracedWrites(tracing: Tracing, queue: Queue<Write>): Queue<Write> {
  return traced(tracing, queue, {
    one: 'write',
    // What a turn sends is told by `batch`.
    together: null,
    tracesOf: tracesBehind,
    about: ({ tenant, slab }) => ({ [TENANT]: tenant, [SLAB]: slab }),
  });
}

/** What is sent to mailboxes together, linked with the changes on whose behalf; what a fill or an audit sends is nobody's. */
export function tracedTarget(
  tracing: Tracing,
  { target, place }: { readonly target: Target; readonly place: string },
): Target {
  return {
    spare: () => target.spare(),
    apply: async (operations, urgency) => {
      // The spans of the writes, as `tracedWrites` put them into the messages: one change has one in each slab.
      const traces = new Set(operations.flatMap((one) => ('traces' in one ? (one.traces ?? []) : [])));
      const links = [...traces].filter((one) => !isOfNobody(one));
      if (links.length === 0) return target.apply(operations, urgency);
      const attributes = { [TENANT]: place, [OPERATIONS]: operations.length, [URGENCY]: urgency };
      const span = tracing.begin('batch', { links, attributes });
      return ended([span], () => target.apply(operations, urgency), faultsIn);
    },
  };
}

interface Tracked<Body> {
  readonly one: string;
  readonly together: string | null;
  readonly tracesOf: (body: Body) => readonly string[];
  readonly about: (body: Body) => SpanAttributes;
}

function traced<Body extends Change | Write>(
  tracing: Tracing,
  queue: Queue<Body>,
  tracked: Tracked<Body>,
): Queue<Body> {
  const open: Open = new Map();

  function begun(message: Received<Body>): Received<Body> {
    const { body, attempts, id } = message;
    const traces = tracked.tracesOf(body);
    if (traces.length === 0) return message;
    end(id, { [VERDICT]: 'lost' });
    const attributes = { ...tracked.about(body), [ATTEMPTS]: attempts };
    const spans = traces.map((parent) => {
      const from = isOfNobody(parent) ? { traceId: changeIdOf(parent) } : { parent };
      return tracing.begin(tracked.one, { ...from, attributes });
    });
    open.set(id, spans);
    const [oldest] = open.keys();
    if (open.size > OPEN_AT_MOST && oldest !== undefined) end(oldest, { [VERDICT]: 'unknown' });
    return { ...message, body: { ...body, traces: spans.map(({ traceparent }) => traceparent) } };
  }

  function end(id: string, attributes: SpanAttributes, fault?: string): void {
    for (const span of open.get(id) ?? []) span.end({ attributes, fault });
    open.delete(id);
  }

  return {
    ...queue,
    async take(limit) {
      const deliveries = (await queue.take(limit)).map((delivery): Delivery<Body> => {
        return { ...delivery, messages: delivery.messages.map(begun) };
      });
      const links = deliveries.flatMap(({ messages }) =>
        messages.flatMap(({ id }) => (open.get(id) ?? []).map(({ traceparent }) => traceparent)),
      );
      if (tracked.together !== null && links.length > 1)
        tracing.begin(tracked.together, { links, attributes: { [MESSAGES]: links.length } }).end();
      return deliveries;
    },
    async settle(delivery, verdicts) {
      try {
        await queue.settle(delivery, verdicts);
      } catch (error) {
        for (const { id } of delivery.messages) end(id, { [VERDICT]: 'lost' }, faultOf(error));
        throw error;
      }
      for (const { id } of delivery.messages) end(id, ...endOf(verdicts.get(id)));
    },
  };
}

function endOf(verdict: Verdict | undefined): [SpanAttributes, string | undefined] {
  if (verdict === undefined) return [{ [VERDICT]: 'untouched' }, undefined];
  return [{ [VERDICT]: verdict.kind }, verdict.kind === 'dead' ? verdict.reason : undefined];
}

/** The spans are over when the work is. */
async function ended<T>(
  spans: readonly OpenSpan[],
  work: () => Promise<T>,
  faults: (result: T) => SpanAttributes = () => ({}),
): Promise<T> {
  try {
    const result = await work();
    for (const span of spans) span.end({ attributes: faults(result) });
    return result;
  } catch (error) {
    for (const span of spans) span.end({ fault: faultOf(error) });
    throw error;
  }
}

function faultsIn(outcomes: readonly Outcome[]): SpanAttributes {
  return { [FAULTS]: outcomes.filter(({ kind }) => kind === 'fault').length };
}

/** Never a message: it may quote what it failed on. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'kind' in error && typeof error.kind === 'string' ? error.kind : error.name;
}

const TENANT = 'contact_sync.tenant';
const KIND = 'contact_sync.kind';
const CAUSES = 'contact_sync.causes';
const SLAB = 'contact_sync.slab';
const ATTEMPTS = 'contact_sync.attempts';
const VERDICT = 'contact_sync.verdict';
const MESSAGES = 'contact_sync.messages';
const OPERATIONS = 'contact_sync.operations';
const URGENCY = 'contact_sync.urgency';
const FAULTS = 'contact_sync.faults';
