import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canBeStem, packItem, unpackItem } from '../../src/ledger/item-id.ts';

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');

/** Strings that look like ids, that nearly do, and that do not at all. */
const bytes = fc.uint8Array({ maxLength: 120 });
const anyId = fc.oneof(
  bytes.map(base64url),
  bytes.map((given) => padded(base64url(given))),
  bytes.map((given) => Buffer.from(given).toString('base64')),
  fc.stringMatching(/^[A-Za-z0-9+/=_-]{0,180}$/),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.array(fc.integer({ min: 0xd800, max: 0xdfff })).map((units) => String.fromCharCode(...units)),
);
/** A stem, and an id that has its beginning in common with it. */
const related = fc
  .record({ shared: anyId, stemEnd: anyId, end: anyId })
  .map(({ shared, stemEnd, end }) => ({ stem: shared + stemEnd, id: shared + end }));

describe('item ids', () => {
  test('of every kind come back exactly', () => {
    fc.assert(
      fc.property(fc.oneof(related, fc.record({ id: anyId, stem: fc.option(anyId) })), ({ id, stem }) => {
        expect(unpackItem(packItem(id, stem), stem)).toBe(id);
      }),
      { numRuns: 3_000 },
    );
  });

  test('are told apart when only letter case, alphabet or padding differ', () => {
    const stem = 'AAMkADEx';
    const alike = [
      'AAMkADExMz-_',
      'AAMkADExMz+/',
      'aamkadexmz-_',
      'AAMkADExM',
      'AAMkADExM===',
      'AAMkADEx',
      'AAMkADE',
      'AAMkADExMw==',
      'AAMkADExMw',
      'AAMkADExMx==',
      '',
    ];
    const packed = alike.map((id) => Buffer.from(packItem(id, stem)).toString('hex'));
    expect(new Set(packed).size).toBe(alike.length);
    for (const id of alike) expect(unpackItem(packItem(id, stem), stem)).toBe(id);
  });

  test('of one folder keep one byte and what differs from the stem', () => {
    const folder =
      'AAMkADExMzJmYWE3LTM4ZGItNDg3Ny1iM2JkLTU3ODVhOTViZjU1MQBGAAAAAADXe3HzyXkzTKeYcPvZOPJ_BwC8VslBpqM1QKdNLAJFvLLOAAAAAAEOAAC8VslBpqM1QKdNLAJF';
    const id = (end: number): string => folder + padded(base64url(Buffer.alloc(22, end)));
    expect(packItem(id(1), id(2)).byteLength).toBe(1 + 22);
    expect(packItem(id(1), null).byteLength).toBe(1 + (folder.length / 4) * 3 + 22);
    expect(packItem(id(1), id(1)).byteLength).toBe(1);
  });

  test('longer than the leading byte can count share what it can', () => {
    const stem = 'A'.repeat(1_000);
    const packed = packItem(stem, stem);
    expect(unpackItem(packed, stem)).toBe(stem);
    expect(packed.byteLength).toBeLessThan(1 + 750);
  });

  test('that were damaged, or belong to another stem, are not guessed', () => {
    const packed = packItem('AAMkADExMzJm', 'AAMkADExMzJm');
    expect(() => unpackItem(packed, null)).toThrow(/damaged/);
    expect(() => unpackItem(packed, 'AAMk')).toThrow(/damaged/);
    expect(() => unpackItem(Buffer.of(), 'AAMk')).toThrow(/damaged/);
    expect(() => unpackItem(Buffer.of(255), 'AAMk')).toThrow(/damaged/);
  });

  test('become a stem only when every database keeps them as text', () => {
    expect(['AAMkAD-_=', 'a+/b'].every(canBeStem)).toBe(true);
    expect(['', 'with space', 'ümlaut', 'a\u0000b', '\ud800'].some(canBeStem)).toBe(false);
  });
});
