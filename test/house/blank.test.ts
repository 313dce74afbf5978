import { expect, test } from 'vitest';
import { blank } from './blank.ts';

test.each([
  ["a = 'x'; // b", "a = 'x';     ", "a = ' ';     "],
  ["a /* 'x' */ + b", 'a           + b', 'a           + b'],
  ['a = "// no";', 'a = "// no";', 'a = "     ";'],
  [String.raw`a = 'it\'s' + b`, String.raw`a = 'it\'s' + b`, "a = '     ' + b"],
  ['`a${b + `c${d}`}e` + f', '`a${b + `c${d}`}e` + f', '` ${b + ` ${d}`} ` + f'],
  ['`${{ a: "}" }.a}` // b', '`${{ a: "}" }.a}`     ', '`${{ a: " " }.a}`     '],
  ['a.replace(/[/"]\\//g, b)', 'a.replace(/[/"]\\//g, b)', 'a.replace(/      /g, b)'],
  ['a = b / c; d = "/";', 'a = b / c; d = "/";', 'a = b / c; d = " ";'],
  ['return /x"y/.test(z)', 'return /x"y/.test(z)', 'return /   /.test(z)'],
  ['i++ / 2 + "a" / 3', 'i++ / 2 + "a" / 3', 'i++ / 2 + " " / 3'],
  ['(a) / b / "c"', '(a) / b / "c"', '(a) / b / " "'],
])('%s', (text, code, bare) => {
  expect(blank(text)).toEqual({ code, bare });
});

test('lines keep their numbers and columns', () => {
  const text = 'a /* one\n two */ b `x\ny` // z\nc';
  const { code, bare } = blank(text);
  expect(code).toBe('a       \n        b `x\ny`     \nc');
  expect(bare).toBe('a       \n        b ` \n `     \nc');
});
