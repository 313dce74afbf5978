import { changeKey, type Cause, type Change, type ChangeKind } from '../model/change.ts';
import { writeKey, writeMergeKey, type Write } from '../model/write.ts';
import type { Outgoing } from './queue-port.ts';

/** A change as a message: its object is the key, and a waiting one for the same object is merged. */
export function changeMessage(change: Change, delayMs = 0): Outgoing<Change> {
  const key = changeKey(change);
  return { key, mergeKey: key, body: change, delayMs };
}

/** A first look at an object. */
export function newChange(
  { kind, tenant, id }: { kind: ChangeKind; tenant: string; id: string },
  cause: Cause,
  at: number,
): Change {
  return { v: 1, kind, tenant, id, causes: [cause], at };
}

/** A look at a person whose card is not what it was believed to be. */
export function personLook(person: { tenant: string; id: string }, at: number): Outgoing<Change> {
  return changeMessage(newChange({ kind: 'user', ...person }, 'stale', at));
}

export function writeMessage(write: Write, delayMs = 0): Outgoing<Write> {
  return { key: writeKey(write), mergeKey: writeMergeKey(write), body: write, delayMs };
}

export function fillMessage(
  slab: { tenant: string; slab: number },
  at: number,
  delayMs = 0,
): Outgoing<Write> {
  return writeMessage({ v: 1, kind: 'fill', tenant: slab.tenant, slab: slab.slab, at }, delayMs);
}

export function auditMessage(slab: { tenant: string; slab: number }, at: number): Outgoing<Write> {
  return writeMessage({ v: 1, kind: 'audit', tenant: slab.tenant, slab: slab.slab, at });
}
