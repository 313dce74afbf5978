import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cause, Change } from '../../src/model/change.ts';
import type { Write } from '../../src/model/write.ts';
import { changeMessages, decode, encode, writeMessages } from '../../src/queue/messages.ts';

const causes: Cause[] = [
  'notification',
  'missed',
  'sweep',
  'poll',
  'membership',
  'configuration',
  'stale',
  'command',
];
const name = fc.string({ minLength: 1 });
const time = fc.nat(4_102_444_800_000);

const changes: fc.Arbitrary<Change> = fc.record({
  v: fc.constant(1),
  kind: fc.constantFrom('user', 'group', 'subscription'),
  tenant: name,
  id: name,
  causes: fc.uniqueArray(fc.constantFrom(...causes)),
  at: time,
});

const place = { v: fc.constant(1), tenant: name, slab: fc.nat(), at: time };
const writes: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ ...place, kind: fc.constant('identity'), identity: name }),
  fc.record({ ...place, kind: fc.constant('fill') }),
  fc.record({ ...place, kind: fc.constant('audit') }),
);

function write(at: number): Write {
  return { v: 1, kind: 'identity', tenant: 't', slab: 1, identity: 'i', at };
}

describe('stored messages', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(changes, writes, (change, write) => {
        expect(decode(changeMessages, encode(change))).toEqual({ ok: true, body: change });
        expect(decode(writeMessages, encode(write))).toEqual({ ok: true, body: write });
      }),
    );
  });

  it('of a later release that only added something are read by an earlier one', () => {
    fc.assert(
      fc.property(changes, writes, fc.jsonValue(), (change, write, more) => {
        const added = { weight: more, hints: { more } };
        const laterChange = { ...change, ...added, causes: [...change.causes, 'rumour'] };
        expect(decode(changeMessages, JSON.stringify({ ...laterChange, causes: ['rumour'] }))).toEqual({
          ok: true,
          body: { ...change, causes: ['notification'] },
        });
        const known = change.causes.length > 0 ? change.causes : ['notification'];
        expect(decode(changeMessages, JSON.stringify(laterChange))).toEqual({
          ok: true,
          body: { ...change, causes: known },
        });
        expect(decode(writeMessages, JSON.stringify({ ...write, ...added }))).toEqual({
          ok: true,
          body: write,
        });
      }),
    );
  });

  it('of another version are told from ours', () => {
    fc.assert(
      fc.property(changes, fc.anything(), (change, v) => {
        fc.pre(v !== 1);
        const text = JSON.stringify({ ...change, v }, (_, value: unknown) =>
          typeof value === 'bigint' ? 'big' : value,
        );
        expect(decode(changeMessages, text)).toEqual({ ok: false, reason: 'unknown version' });
      }),
    );
  });

  it('with one field missing or of another type are malformed, and the reason quotes nothing', () => {
    const whole: Record<string, unknown> = {
      v: 1,
      kind: 'user',
      tenant: 'contoso',
      id: 'secret',
      causes: ['sweep'],
      at: 5,
    };
    const wrong = [undefined, null, {}, [], Number.NaN, 'somebody', true, [7]];
    for (const field of ['kind', 'causes', 'at']) {
      for (const value of wrong.filter(
        (one) => field !== 'causes' || !Array.isArray(one) || one.length > 0,
      )) {
        const read = decode(changeMessages, JSON.stringify({ ...whole, [field]: value }));
        expect(read).toEqual({ ok: false, reason: `malformed: ${field}` });
      }
    }
    for (const value of [undefined, null, {}, 7, '']) {
      expect(decode(changeMessages, JSON.stringify({ ...whole, id: value }))).toMatchObject({ ok: false });
      expect(decode(changeMessages, JSON.stringify({ ...whole, tenant: value }))).toMatchObject({
        ok: false,
      });
    }
    for (const change of [
      { kind: 'other' },
      { slab: 1.5 },
      { identity: null },
      { at: '5' },
      { tenant: '' },
    ]) {
      expect(decode(writeMessages, JSON.stringify({ ...write(5), ...change }))).toMatchObject({ ok: false });
    }
  });

  it('are never trusted to be JSON, and foreign fields do not come through', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decode(changeMessages, text).ok).toBe(false);
        expect(decode(writeMessages, text).ok).toBe(false);
      }),
    );
    const change = { v: 1, kind: 'user', tenant: 't', id: 'i', causes: [], at: 1 };
    const read = decode(changeMessages, JSON.stringify({ ...change, displayName: 'Somebody' }));
    expect(read).toEqual({ ok: true, body: change });
  });

  it('that ask for the same write keep the older event', () => {
    expect(writeMessages.merge(write(5), write(9))).toEqual(write(5));
    expect(writeMessages.merge(write(9), write(5))).toEqual(write(5));
  });
});
