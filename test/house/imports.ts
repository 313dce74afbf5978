import path from 'node:path';
import { lineAt, type Source } from './sources.ts';

/** One file names another one, or a package. */
export interface Edge {
  readonly from: string;
  readonly line: number;
  /** Path in the repository for what was named relatively, else the package or `node:` module. */
  readonly to: string;
  readonly kind: EdgeKind;
  /** Only types: nothing of it is loaded. */
  readonly typeOnly: boolean;
}

/** `file`: named by `new URL` or `import.meta.dirname`, for a worker, a child process or to be read. */
type EdgeKind = 'import' | 'export' | 'dynamic' | 'file';

/** What is loaded by a name that only the running program knows, so that no check can see it. */
export interface Unseen {
  readonly from: string;
  readonly line: number;
}

const NAME = String.raw`(['"\`])(?<name>[^'"\`\n]+)\1`;
const STATEMENTS: readonly { kind: EdgeKind; pattern: RegExp }[] = [
  { kind: 'import', pattern: new RegExp(String.raw`\bimport\s+[\w$*{}\s,]+?\bfrom\s*${NAME}`, 'g') },
  { kind: 'import', pattern: new RegExp(String.raw`\bimport\s*${NAME}`, 'g') },
  {
    kind: 'export',
    pattern: new RegExp(
      String.raw`\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*${NAME}`,
      'g',
    ),
  },
  { kind: 'dynamic', pattern: new RegExp(String.raw`\bimport\s*\(\s*${NAME}`, 'g') },
  { kind: 'file', pattern: new RegExp(String.raw`\bnew\s+URL\s*\(\s*${NAME}\s*,\s*import\.meta\.url`, 'g') },
  { kind: 'file', pattern: new RegExp(String.raw`\bimport\.meta\.dirname\s*,\s*${NAME}`, 'g') },
];

const TYPE_ONLY = /^(?:import|export)\s+type\b/;

/** Every file and package that the source names, however it does. */
export function edgesOf(source: Source): Edge[] {
  return STATEMENTS.flatMap(({ kind, pattern }) =>
    Array.from(source.code.matchAll(pattern))
      // What merely stands in a text is no statement.
      .filter((match) => source.bare[match.index] === source.code[match.index])
      .map((match) => ({
        from: source.path,
        line: lineAt(source.text, match.index),
        to: targetOf(source.path, match.groups?.['name'] ?? '', kind),
        kind,
        typeOnly: TYPE_ONLY.test(match[0]) || allTypes(match[0]),
      })),
  );
}

/** `import { type A, type B } from` leaves nothing to load. */
function allTypes(statement: string): boolean {
  const names = /^import\s*\{([^}]*)\}/.exec(statement)?.[1]?.split(',') ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== '');
  return given.length > 0 && given.every((name) => name.startsWith('type '));
}

function targetOf(from: string, name: string, kind: EdgeKind): string {
  if (name.startsWith('.') || kind === 'file') return path.posix.join(path.posix.dirname(from), name);
  if (name.startsWith('node:')) return name;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

const HIDDEN =
  /\bimport\s*\((?!\s*['"`])|\b(?:require|createRequire)\s*\(|\bnew\s+URL\s*\((?!\s*['"`])[^)]*import\.meta/g;

export function unseenIn(source: Source): Unseen[] {
  return Array.from(source.bare.matchAll(HIDDEN), (match) => ({
    from: source.path,
    line: lineAt(source.text, match.index),
  }));
}
