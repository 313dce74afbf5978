import { createHash } from 'node:crypto';

/**
 * The thread of a change, from the event through queue and batches to what was written, as W3C Trace Context has it: a
 * `traceparent` of version 00. Its trace id is the id of the change. A trace id of ours begins with the moment of the event (48
 * bits, milliseconds since 1970), so ids sort by time and tell where to look for them; the rest is as good as random.
 */

/** Of more events about one object that wait at once, the newest so many keep their thread. */
const AT_MOST = 8;

const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
const TRACE_ID = /^(?!0{32})[\da-f]{32}$/;

/** The same for the same event, also after a crash or a redelivery: nothing has to be kept for it. `at`: milliseconds since 1970. */
export function traceparentOf(
  { kind, tenant, id }: { readonly kind: string; readonly tenant: string; readonly id: string },
  at: number,
): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, tenant, id, at]))
    .digest('hex');
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0').slice(-12);
  const traceId = `${time}${digest.slice(0, 20)}`;
  // Nobody's span: whoever begins the first one recognises it by its being made of the id.
  return `00-${traceId}-${traceId.slice(16)}-00`;
}

/** No span stands behind it yet: whoever goes on begins the trace. */
export function isOfNobody(traceparent: string): boolean {
  return traceparent.slice(36, 52) === traceparent.slice(19, 35);
}

export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && TRACEPARENT.test(value);
}

/** Whether a text has the form of a change's id. */
export function isChangeId(text: string): boolean {
  return TRACE_ID.test(text);
}

export function changeIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** When the event reached us, in milliseconds since 1970; of an id that is not ours, anything. */
export function momentOf(changeId: string): number {
  return Number.parseInt(changeId.slice(0, 12), 16);
}

/** Those of both, each once, the newest at the end; no more than are carried. */
export function mergeTraces(some: readonly string[], more: readonly string[]): readonly string[] {
  const byId = new Map([...some, ...more].map((trace) => [changeIdOf(trace), trace]));
  const sorted = [...byId].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.slice(-AT_MOST).map(([, trace]) => trace);
}

/** What of a stored list can be read; nothing where there is none. */
export function readTraces(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isTraceparent).slice(-AT_MOST) : [];
}
