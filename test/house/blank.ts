/** A source text twice more, both of the same length, so that a place in one is the same place in the others. */
export interface Blanked {
  /** Without comments. */
  readonly code: string;
  /** Without comments, and without what stands in strings, templates and regular expressions. */
  readonly bare: string;
}

const WORD = /[\w$]/;
/** After these a slash begins a regular expression; after a name, a number or a bracket it divides. */
const BEFORE_REGEX = new Set(['', ...'(,=:[!&|?{};+-*%~^<>}'.split('')]);
const WORDS_BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new await yield else do instanceof'.split(' '),
);

/**
 * Tells code from comments and text. TypeScript 7 offers no parser to programs, and for checks that look for words
 * this is enough: what it must not do is take text for code or code for text.
 */
export function blank(text: string): Blanked {
  const code = text.split('');
  const bare = [...code];
  let at = 0;
  let last = '';

  const hide = (end: number, from: string[][]): void => {
    for (; at < end; at += 1) {
      if (text[at] === '\n') continue;
      for (const chars of from) chars[at] = ' ';
    }
  };
  const hideText = (end: number): void => hide(Math.min(end, text.length), [bare]);

  const quoted = (quote: string): void => {
    at += 1;
    let end = at;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    hideText(end);
    at += 1;
    last = quote;
  };

  const template = (): void => {
    at += 1;
    while (at < text.length && text[at] !== '`') {
      if (text.startsWith('${', at)) {
        at += 2;
        last = '{';
        plain('}');
        at += 1;
      } else hideText(at + (text[at] === '\\' ? 2 : 1));
    }
    at += 1;
    last = '`';
  };

  const slash = (): void => {
    if (text[at + 1] === '/') return hide(endOf(text, '\n', at), [code, bare]);
    if (text[at + 1] === '*') return hide(endOf(text, '*/', at + 2) + 2, [code, bare]);
    const end = mayBeginRegex(text, at, last) ? endOfRegex(text, at) : null;
    at += 1;
    if (end !== null) hideText(end);
    if (end !== null) at += 1;
    last = end === null ? '/' : 'regex';
  };

  /** Code up to the closing brace of a template's `${`, or to the end. */
  const plain = (closing: string | null): void => {
    for (let depth = 0; at < text.length;) {
      const char = text[at] ?? '';
      if (char === closing && depth === 0) return;
      if (char === '/') slash();
      else if (char === '`') template();
      else if (char === "'" || char === '"') quoted(char);
      else {
        if (char === '{') depth += 1;
        if (char === '}') depth -= 1;
        if (char.trim() !== '') last = char;
        at += 1;
      }
    }
  };

  plain(null);
  return { code: code.join(''), bare: bare.join('') };
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end;
}

function mayBeginRegex(text: string, at: number, last: string): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  if (before.endsWith('++') || before.endsWith('--')) return false;
  if (!WORD.test(last) || last === 'regex') return BEFORE_REGEX.has(last);
  return WORDS_BEFORE_REGEX.has(/[\w$]+$/.exec(before)?.[0] ?? '');
}

/** Where the expression that begins at `at` is closed; null when its line ends first, so that it was a division. */
function endOfRegex(text: string, at: number): number | null {
  let inClass = false;
  for (let end = at + 1; end < text.length && text[end] !== '\n'; end += 1) {
    const char = text[end];
    if (char === '\\') end += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return end;
  }
  return null;
}
