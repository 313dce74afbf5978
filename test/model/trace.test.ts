import { describe, expect, test } from 'vitest';
import { changeIdsOf, mergeChanges, tracesOf, withTraces, type Change } from '../../src/model/change.ts';
import {
  changeIdOf,
  isChangeId,
  isTraceparent,
  mergeTraces,
  momentOf,
  readTraces,
  traceparentOf,
} from '../../src/model/trace.ts';
import type { IdentityWrite } from '../../src/model/write.ts';
import { changeMessages, decode, encode, writeMessages } from '../../src/queue/messages.ts';

const AT = Date.UTC(2026, 10, 30, 10);
const user = { kind: 'user', tenant: 'contoso', id: 'ann' };

function change(at: number, more: Partial<Change> = {}): Change {
  return { v: 1, kind: 'user', tenant: 'contoso', id: 'ann', causes: ['notification'], at, ...more };
}

describe('the id of a change', () => {
  test('is that of a W3C traceparent, the same for the same event, and begins with its moment', () => {
    const trace = traceparentOf(user, AT + 0.7);
    expect(trace).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(isTraceparent(trace)).toBe(true);
    expect(traceparentOf({ ...user }, AT + 0.7)).toBe(trace);
    const id = changeIdOf(trace);
    expect(isChangeId(id)).toBe(true);
    expect(momentOf(id)).toBe(AT);
    const others = [
      traceparentOf(user, AT + 1),
      traceparentOf({ ...user, id: 'bob' }, AT + 0.7),
      traceparentOf({ ...user, kind: 'group' }, AT + 0.7),
      traceparentOf({ ...user, tenant: 'contosoann', id: '' }, AT + 0.7),
    ];
    expect(new Set([trace, ...others].map(changeIdOf)).size).toBe(5);
    expect([...others, trace].toSorted()[4], 'ids sort by time').toBe(others[0]);
  });

  test.each([
    '',
    '00-0',
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-00`,
    `00-${'a'.repeat(32)}-${'0'.repeat(16)}-00`,
    `00-${'A'.repeat(32)}-${'b'.repeat(16)}-00`,
    7,
    null,
  ])('is nothing else: %j', (value) => {
    expect(isTraceparent(value)).toBe(false);
    expect(readTraces([value])).toEqual([]);
  });

  test('is not carried where it follows from the message itself', () => {
    const first = change(AT);
    expect(withTraces(first, tracesOf(first))).toEqual(first);
    expect(withTraces(first, [])).toEqual(first);
    const again = withTraces(change(AT + 1), tracesOf(first));
    expect(again.traces).toEqual(tracesOf(first));
    expect(changeIdsOf(again)).toEqual(changeIdsOf(first));
  });
});

describe('changes that are merged', () => {
  test('keep the ids of both, once each', () => {
    const [one, other] = [change(AT), change(AT + 5, { causes: ['sweep'] })];
    const merged = mergeChanges(one, other);
    expect(changeIdsOf(merged)).toEqual([...changeIdsOf(one), ...changeIdsOf(other)]);
    expect(mergeChanges(merged, other)).toEqual(merged);
    expect(mergeChanges(one, { ...one }), 'one event, twice').toEqual(one);
  });

  test('keep the newest eight', () => {
    const all = Array.from({ length: 20 }, (_, index) => change(AT + index));
    const merged = all.reduce(mergeChanges);
    expect(changeIdsOf(merged)).toEqual(all.slice(-8).flatMap(changeIdsOf));
    const backwards = all.toReversed().reduce(mergeChanges);
    expect(changeIdsOf(backwards)).toEqual(changeIdsOf(merged));
  });
});

describe('messages', () => {
  const traces = [traceparentOf(user, AT)];
  const write: IdentityWrite = {
    v: 1,
    kind: 'identity',
    tenant: 'contoso',
    slab: 3,
    identity: 'ann',
    at: AT,
  };

  test('carry it through a queue', () => {
    for (const body of [change(AT + 9, { traces }), change(AT)])
      expect(decode(changeMessages, encode(body))).toEqual({ ok: true, body });
    for (const body of [{ ...write, traces }, write])
      expect(decode(writeMessages, encode(body))).toEqual({ ok: true, body });
  });

  test.each([[['nonsense', 7]], [{}], ['text'], [null]])(
    'that carry something else in its place are read without it: %j',
    (nonsense) => {
      const text = JSON.stringify({ ...change(AT), traces: nonsense });
      expect(decode(changeMessages, text)).toEqual({ ok: true, body: change(AT) });
      expect(decode(writeMessages, JSON.stringify({ ...write, traces: nonsense }))).toEqual({
        ok: true,
        body: write,
      });
    },
  );

  test('of writes that ask for the same work keep those of both', () => {
    const later = [traceparentOf(user, AT + 1)];
    const merged = writeMessages.merge({ ...write, traces }, { ...write, at: AT + 1, traces: later });
    expect(merged).toEqual({ ...write, traces: mergeTraces(traces, later) });
    expect(writeMessages.merge(write, { ...write, traces })).toEqual({ ...write, traces });
    expect(writeMessages.merge(write, write)).toEqual(write);
  });
});
