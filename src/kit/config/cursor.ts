import { Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** One thing that is wrong in the file: where, and what was expected. Never quotes a value, which may be a secret. */
export interface Problem {
  readonly line: number;
  /** Keys from the top, e.g. `jobs.staff.guard.percent`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Where a value stands in the file, for problems that are found after reading. */
export type Place = Pick<Problem, 'line' | 'path'>;

/** What a shape returns after it has reported why. */
export const BAD = Symbol('bad');
export type Bad = typeof BAD;

interface Entry {
  /** Undefined when the key is not a word. */
  readonly key: string | undefined;
  readonly value: Cursor;
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: Problem[];
}

/** A value of the YAML file that knows its key path and line. Aliases are followed; nothing is converted. */
export class Cursor {
  readonly place: Place;
  readonly #node: unknown;
  readonly #source: Source;

  constructor(source: Source, place: Place, node: unknown) {
    this.place = place;
    this.#source = source;
    this.#node = isAlias(node) ? node.resolve(source.document) : node;
  }

  /** What stands here, in the words of an error message. */
  kind(): string {
    if (this.#node === undefined) return 'an alias to nothing';
    if (isMap(this.#node)) return 'a map of keys';
    if (isSeq(this.#node)) return `a list of ${this.#node.items.length}`;
    const value = this.scalar();
    if (value === null || value === undefined) return 'nothing';
    if (typeof value === 'boolean') return 'true or false';
    return typeof value === 'string' ? 'text' : 'a number';
  }

  scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  isMap(): boolean {
    return isMap(this.#node);
  }

  items(): Cursor[] | undefined {
    if (!isSeq(this.#node)) return undefined;
    return this.#node.items.map((item, index) => this.#child(String(index + 1), item, item));
  }

  entries(): Entry[] | undefined {
    if (!isMap(this.#node)) return undefined;
    return this.#node.items.map((pair) => {
      const word = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : undefined;
      return { key: word, value: this.#child(word ?? '?', pair.key, pair.value) };
    });
  }

  /** The same place with another value: what stands for a missing key. */
  instead(key: string, raw: unknown): Cursor {
    return this.#child(key, undefined, new Document(raw).contents);
  }

  fail(message: string): Bad {
    this.#source.problems.push({ ...this.place, message });
    return BAD;
  }

  failAt(key: string, message: string): Bad {
    this.#source.problems.push({ path: join(this.place.path, key), line: this.place.line, message });
    return BAD;
  }

  #child(key: string, anchor: unknown, node: unknown): Cursor {
    const offset = isNode(anchor) ? anchor.range?.[0] : undefined;
    const line = offset === undefined ? this.place.line : lineAt(this.#source.lines, offset);
    return new Cursor(this.#source, { path: join(this.place.path, key), line }, node);
  }
}

/**
 * Parses YAML 1.2 text. Syntax errors, repeated keys and unknown tags are problems; the cursor is given
 * only when there are none, since a broken tree yields nothing but follow-up errors.
 */
export function openYaml(text: string, problems: Problem[]): Cursor | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // YAML 1.1 would read 02:00 as the number 120, and its tags make dates and sets that no shape knows.
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    // 'silent' would silence the error about a second document as well.
    logLevel: 'error',
  });
  for (const fault of [...document.errors, ...document.warnings]) {
    problems.push({ line: lineAt(lines, fault.pos[0]), path: '', message: SYNTAX[fault.code] ?? NOT_YAML });
  }
  if (problems.length > 0) return undefined;
  return new Cursor({ document, lines, problems }, { line: 1, path: '' }, document.contents);
}

const NOT_YAML = 'is not valid YAML here: look for a missing colon, quote or indentation';

/** The parser's own messages quote the source; these do not. */
const SYNTAX: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: 'this key stands twice in the same map: remove one of the two',
  TAB_AS_INDENT: 'YAML is indented with spaces, never with tabs',
  MULTIPLE_DOCS: 'expected one document: remove the line of dashes',
  TAG_RESOLVE_FAILED: 'tags (words that begin with !) mean nothing here: remove it',
  BAD_INDENT: 'the indentation does not fit the lines above',
  MISSING_CHAR: 'a colon, comma, bracket or quote is missing here',
};

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
