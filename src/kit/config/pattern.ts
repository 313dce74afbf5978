import { word } from './words.ts';
import type { Shape } from './shapes.ts';

/** Long enough for what a rule has to say, short enough to be read. */
const LONGEST = 200;
/**
 * JavaScript tries a pattern out, one way after the other. With at most two open ends (`*`, `+`, `{n,m}`, or a search that may
 * begin anywhere) and so many ways beside them, a value of 1,024 characters, the longest that the directory keeps in an
 * extension attribute, takes well under a second; a repetition inside a repetition could take for ever.
 */
const OPEN_ENDS_AT_MOST = 2;
const WAYS_AT_MOST = 64;

/** A regular expression that ends in reasonable time whatever value it meets. It is kept as its text; see `compilePattern`. */
export const pattern: Shape<string> = {
  ...word({
    expected: 'a regular expression',
    json: { minLength: 1, maxLength: LONGEST },
    parse: (text) => text,
  }),
  read(cursor) {
    const text = cursor.scalar();
    if (typeof text !== 'string') return cursor.fail(`expected a regular expression, found ${cursor.kind()}`);
    const fault = patternFault(text);
    return fault === undefined ? text : cursor.fail(fault);
  },
};

/** Found anywhere in the value unless it says `^` and `$`; upper and lower case are the same. Throws `SyntaxError`. */
export function compilePattern(text: string): RegExp {
  return new RegExp(text, 'iu');
}

/** Why the pattern is refused; undefined when it is fine. */
export function patternFault(text: string): string | undefined {
  if (text === '' || text.length > LONGEST)
    return `expected a regular expression of 1 to ${LONGEST} characters`;
  try {
    compilePattern(text);
  } catch {
    return 'expected a regular expression: this one is not complete, or uses what JavaScript does not know';
  }
  return runawayFault(text);
}

const NESTED =
  'a repetition of something that itself repeats or has alternatives may run away: write it without one of the two';

/** One open bracket: what stands in it so far. */
interface Group {
  ways: number;
  alternatives: number;
  repeats: boolean;
}

/** A character class, an escape, the head of a group, or a single character: the pattern is known to be well-formed. */
const TOKEN =
  /\[(?:\\.|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|k<[^>]*>|.)|\(\?(?:<?[=!]|<[^>]*>|:|[a-z-]*:)|\{[^}]*\}|./gsu;

function runawayFault(text: string): string | undefined {
  const whole = newGroup();
  const open = [whole];
  let ends = isAnchored(text) ? 0 : 1;
  /** What the next repetition would repeat, when that is a group. */
  let closed: Group | undefined;
  for (const token of text.match(TOKEN) ?? []) {
    const group = open.at(-1) ?? whole;
    const repeated = closed;
    closed = undefined;
    if (/^\\(?:[1-9]|k)/.test(token)) return 'back references (\\1) may run away: leave them out';
    if (/^\(\?<?[=!]/.test(token))
      return 'looking ahead or behind may run away: use all, any and not instead';
    if (token.startsWith('(')) open.push(newGroup());
    else if (token === ')') closed = close(open);
    else if (token === '|') group.alternatives += 1;
    else if (/^[*+?{]/.test(token)) {
      // A question mark is two ways; after a repetition it only turns their order round, which is counted all the same.
      if (token === '?') group.ways *= 2;
      else if (repeated && (repeated.repeats || repeated.ways * repeated.alternatives > 1)) return NESTED;
      else if (!/^\{\d+\}$/.test(token)) ends += 1;
      group.repeats = true;
    }
  }
  if (ends > OPEN_ENDS_AT_MOST)
    return 'too many repetitions, it may run away: one is fine, two when the pattern begins with ^';
  if (whole.ways > WAYS_AT_MOST) return 'too many alternatives inside one another, it may run away: use any';
  return undefined;
}

/** What stood in the group counts for the one around it as well. */
function close(open: Group[]): Group | undefined {
  const closed = open.pop();
  const outer = open.at(-1);
  if (closed && outer) {
    outer.ways *= closed.ways * closed.alternatives;
    outer.repeats ||= closed.repeats;
  }
  return closed;
}

function newGroup(): Group {
  return { ways: 1, alternatives: 1, repeats: false };
}

/** With alternatives at the top, the `^` belongs to the first of them only. */
function isAnchored(text: string): boolean {
  return text.startsWith('^') && !/\|/.test(text.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]|\([^()]*\)/gsu, ''));
}
