import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, patternFault } from '../../src/kit/config/pattern.ts';

describe('a pattern', () => {
  test.each([
    '^Sales',
    'sales|marketing',
    '^(north|south)-[0-9]{3}$',
    '^[a-z.]+@contoso\\.com$',
    'OU=Staff,(OU=[^,]+,)?DC=contoso',
    '^\\p{Lu}.*\\bHQ\\b.*$',
    '[(+*]+',
    '^(?:ext-)?\\d{5}$',
    '\\(\\d+\\)',
  ])('%s is taken', (text) => {
    expect(patternFault(text)).toBeUndefined();
  });

  test.each([
    ['(a+)+$', 'a repetition of something that itself repeats'],
    ['(a|a)*b', 'a repetition of something that itself repeats or has alternatives'],
    ['((ab)?c)*', 'a repetition of something that itself repeats'],
    ['(a{2,}){3}', 'a repetition of something that itself repeats'],
    ['.*.*', 'too many repetitions'],
    ['^a*b*c*$', 'too many repetitions'],
    ['^a*b*|c', 'too many repetitions'],
    ['a?a?a?a?a?a?a?', 'too many alternatives'],
    ['(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)', 'too many alternatives'],
    ['(a)\\1', 'back references'],
    ['(?<x>a)\\k<x>', 'back references'],
    ['(?=a)b', 'looking ahead or behind'],
    ['(?<!a)b', 'looking ahead or behind'],
    ['(', 'this one is not complete'],
    ['[z-a]', 'this one is not complete'],
    ['', 'expected a regular expression of 1 to 200 characters'],
    ['a'.repeat(201), 'expected a regular expression of 1 to 200 characters'],
  ])('%s is refused', (text, fault) => {
    expect(patternFault(text)).toContain(fault);
  });

  test('is found anywhere, in whatever case', () => {
    expect(compilePattern('sales').test('Inside SALES, north')).toBe(true);
    expect(compilePattern('^sales$').test('Inside Sales')).toBe(false);
  });

  test('that is taken ends soon, whatever it is made of', () => {
    const piece = fc.constantFrom(
      'a',
      '.',
      '[ab]',
      '(',
      '(?:',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{2,}',
      '{3}',
      '^',
      '$',
    );
    const text = fc.array(piece, { minLength: 1, maxLength: 14 }).map((pieces) => pieces.join(''));
    const values = ['a', 'ab'].map((stuff) => `${stuff.repeat(1024).slice(0, 1023)}!`);
    let taken = 0;
    fc.assert(
      fc.property(text, (source) => {
        if (patternFault(source) !== undefined) return;
        taken += 1;
        const startedAt = performance.now();
        for (const value of values) compilePattern(source).test(value);
        expect(performance.now() - startedAt).toBeLessThan(5_000);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
