import { mergeChanges, type Cause, type Change, type ChangeKind } from '../model/change.ts';
import { mergeTraces, readTraces } from '../model/trace.ts';
import type { Write } from '../model/write.ts';

/**
 * What travels in a queue: how a stored value is read back, and what becomes of two that wait for the same work.
 * Values are JSON with their version in `v`; whatever a program of another version left behind is told from what
 * we understand, and never guessed at. Two releases run side by side while processes are replaced: under one version a later
 * one may add members and causes, which the earlier one passes over. What it must not pass over, a new kind or meaning, is
 * read by one release before the next one writes it.
 */
export interface MessageKind<Body> {
  readonly name: QueueName;
  /** The tenant that a key names: `changeKey` and `writeKey` both hold it, at different places. */
  readonly tenantOf: (key: string) => string;
  read(value: unknown): Decoded<Body>;
  merge(waiting: Body, arriving: Body): Body;
}

export type QueueName = 'changes' | 'writes';

export type Decoded<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly reason: string };

export const changeMessages: MessageKind<Change> = {
  name: 'changes',
  tenantOf: (key) => key.split('|', 2)[1] ?? '',
  read: readChange,
  merge: mergeChanges,
};

/** Two writes with one merge key ask for the same work; the older event stays, since latency is counted from it. */
export const writeMessages: MessageKind<Write> = {
  name: 'writes',
  tenantOf: (key) => key.split('|', 1)[0] ?? '',
  read: readWrite,
  merge: mergeWrites,
};

function mergeWrites(waiting: Write, arriving: Write): Write {
  const at = Math.min(waiting.at, arriving.at);
  if (waiting.kind !== 'identity' || arriving.kind !== 'identity') return { ...waiting, at };
  const announced = Math.min(waiting.announced ?? Infinity, arriving.announced ?? Infinity);
  const traces = mergeTraces(waiting.traces ?? [], arriving.traces ?? []);
  return { ...waiting, at, ...(announced < Infinity ? { announced } : {}), ...carried(traces) };
}

/** What is not there is not carried, and is not there where nobody can read it. */
function carried(traces: readonly string[]): { traces?: readonly string[] } {
  return traces.length === 0 ? {} : { traces };
}

export function encode(body: Change | Write): string {
  return JSON.stringify(body);
}

/** Never throws: a text that is no message of this kind comes back with the reason, which quotes nothing of it. */
export function decode<Body>(kind: MessageKind<Body>, text: string): Decoded<Body> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed('not JSON');
  }
  return kind.read(value);
}

/** Complete by construction: a new cause that is missing here does not compile. */
const causes: Readonly<Record<Cause, true>> = {
  notification: true,
  reauthorizationRequired: true,
  subscriptionRemoved: true,
  missed: true,
  sweep: true,
  poll: true,
  membership: true,
  configuration: true,
  stale: true,
  command: true,
};

/** Of an event that only a later release has a word for: looked at with all the care that there is. */
const UNKNOWN_CAUSE: readonly Cause[] = ['notification'];

const changeKinds: Readonly<Record<ChangeKind, true>> = {
  user: true,
  group: true,
  subscription: true,
  photo: true,
  mailbox: true,
  contacts: true,
};

function readChange(value: unknown): Decoded<Change> {
  const versioned = knownVersion(value);
  if (!versioned.ok) return versioned;
  const { kind, tenant, id, causes, at, traces } = versioned.body;
  if (!isChangeKind(kind)) return malformed('kind');
  if (!isName(tenant)) return malformed('tenant');
  if (!isName(id)) return malformed('id');
  if (!Array.isArray(causes) || !causes.every(isName)) return malformed('causes');
  if (!isTime(at)) return malformed('at');
  const known = causes.filter(isCause);
  const meant = known.length > 0 || causes.length === 0 ? known : UNKNOWN_CAUSE;
  const body = { v: 1, kind, tenant, id, causes: meant, at, ...carried(readTraces(traces)) } as const;
  return { ok: true, body };
}

function readWrite(value: unknown): Decoded<Write> {
  const known = knownVersion(value);
  if (!known.ok) return known;
  const { kind, tenant, slab, identity, at, announced, traces } = known.body;
  if (!isName(tenant)) return malformed('tenant');
  if (!isSlab(slab)) return malformed('slab');
  if (!isTime(at)) return malformed('at');
  const place = { tenant, slab, at };
  if (kind === 'fill' || kind === 'audit') return { ok: true, body: { v: 1, kind, ...place } };
  if (kind !== 'identity') return malformed('kind');
  if (!isName(identity)) return malformed('identity');
  const told = { ...(isTime(announced) ? { announced } : {}), ...carried(readTraces(traces)) };
  return { ok: true, body: { v: 1, kind, ...place, identity, ...told } };
}

function knownVersion(value: unknown): Decoded<Readonly<Record<string, unknown>>> {
  if (!isRecord(value)) return malformed('not an object');
  return value['v'] === 1 ? { ok: true, body: value } : { ok: false, reason: 'unknown version' };
}

function malformed(what: string): { ok: false; reason: string } {
  return { ok: false, reason: `malformed: ${what}` };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isChangeKind(value: unknown): value is ChangeKind {
  return typeof value === 'string' && Object.hasOwn(changeKinds, value);
}

function isSlab(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isCause(value: unknown): value is Cause {
  return typeof value === 'string' && Object.hasOwn(causes, value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
