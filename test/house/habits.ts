import { lineAt, matches, type Source } from './sources.ts';

/** Longer files want to be two. */
export const LINES_AT_MOST = 250;

/** Looks at one file; returns one line for everything that it finds. */
type Check = (source: Source) => string[];

const WORDS_THAT_NAME_NOTHING = /(?:^|[-_.])(?:utils?|helpers?|commons?|managers?|misc)(?=$|[-_.])/i;

const tooLong: Check = ({ path, text }) => {
  const lines = text.trimEnd().split('\n').length;
  return lines > LINES_AT_MOST ? [`${path}: ${lines} lines, ${LINES_AT_MOST} at the most`] : [];
};

const emptyName: Check = ({ path }) => {
  const bad = path.split('/').filter((part) => WORDS_THAT_NAME_NOTHING.test(part));
  return bad.map((part) => `${path}: ${part} says nothing about what is in it`);
};

const defaultExport: Check = (source) =>
  matches(source, {
    in: 'bare',
    pattern: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g,
    what: 'a default export has no name of its own',
  });

/** A file that only passes on what others export, by whatever name, hides where things are. */
const barrel: Check = (source) => {
  const reexport = /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*(['"])[^'"]*\1\s*;?/g;
  const rest = source.code
    .replace(reexport, '')
    .replace(/\bimport\s[^;]*;/g, '')
    .replace(/\bexport\s*\{[^}]*\}\s*;?/g, '');
  const onlyPasses = rest.trim() === '' && source.code.includes('export');
  const all = matches(source, {
    in: 'bare',
    pattern: /\bexport\s+(?:type\s+)?\*/g,
    what: 'exports all of another file',
  });
  return onlyPasses ? [`${source.path}: only passes on what others export`, ...all] : all;
};

/** The file that may speak to the world, for each way of doing so; everybody else is given it. */
const SURROUNDINGS: readonly { pattern: RegExp; only: readonly string[]; what: string }[] = [
  {
    pattern: /\bDate\.now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\.now\b|\bhrtime\b/g,
    only: ['src/kit/clock.ts'],
    what: 'time comes from the clock',
  },
  {
    pattern: /(?<!\.)\b(?:setTimeout|setInterval|setImmediate)\b/g,
    only: ['src/kit/clock.ts'],
    what: 'waiting is done with the clock',
  },
  {
    pattern: /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\brandomInt\b|\bgetRandomValues\b/g,
    only: ['src/kit/random.ts'],
    what: 'randomness is passed in',
  },
  {
    pattern: /(?<![.\w])fetch\s*\(/g,
    only: ['src/kit/transport.ts'],
    what: 'requests go through the transport',
  },
  {
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/g,
    only: ['src/cli/', 'src/kit/config/'],
    what: 'the environment is read by the command line and the configuration only',
  },
];

const reachesOut: Check = (source) =>
  SURROUNDINGS.flatMap(({ pattern, only, what }) =>
    only.some((place) => source.path === place || (place.endsWith('/') && source.path.startsWith(place)))
      ? []
      : matches(source, { in: 'bare', pattern, what }),
  );

/** State that outlives a call belongs to somebody: an object that a function made and gave out. */
const moduleState: Check = (source) =>
  topLevel(source.bare).flatMap(({ statement, index }) => {
    const changes =
      /^(?:export\s+)?(?:let|var)\b/.test(statement) ||
      (/^(?:export\s+)?const\b[^=]*=\s*(?:new\s+(?:Map|Set|WeakMap|WeakSet|Array)\b|\[\s*\]|\{\s*\})/.test(
        statement,
      ) &&
        !/^[^=]*:\s*(?:Readonly|readonly\b)/.test(statement));
    return changes ? [`${source.path}:${lineAt(source.text, index)}: module-level state`] : [];
  });

/** What begins a line outside all brackets. */
function topLevel(bare: string): { statement: string; index: number }[] {
  const found: { statement: string; index: number }[] = [];
  let depth = 0;
  let index = 0;
  for (const line of bare.split('\n')) {
    if (depth === 0 && line.trim() !== '')
      found.push({ statement: bare.slice(index, index + 400).trimStart(), index });
    for (const char of line) {
      if ('([{'.includes(char)) depth += 1;
      if (')]}'.includes(char)) depth -= 1;
    }
    index += line.length + 1;
  }
  return found;
}

/** The engine sees routes. Which job made them, and which vendor stands behind them, it never says. */
const foreignWords: Check = (source) => [
  ...matches(source, {
    in: 'code',
    pattern: /\b(?:mirror|cross-?tenant)\w*|(['"`])directory\1/gi,
    what: "a job's name in the engine",
  }),
  ...matches(source, {
    in: 'code',
    pattern: /graph|exchange|entra\b|azure|microsoft|outlook|sqlite|postgres|kysely|odata|service-?bus/gi,
    what: "a vendor's word in the engine",
  }),
];

const leftOver: Check = (source) => [
  ...matches(source, { in: 'text', pattern: /\b(?:T[O]DO|FIX[M]E|HA[C]K)\b/g, what: 'work left over' }),
  ...matches(source, {
    in: 'bare',
    pattern:
      /(?:\b(?:test|it|describe)(?:\.\w+)*|\))\.(?:only|skip|todo)\s*\(|\b(?:x|f)(?:it|describe)\s*\(/g,
    what: 'a test that does not run, or keeps others from it',
  }),
  ...matches(source, {
    in: 'text',
    pattern: /@ts-(?:ignore|nocheck|expect-error)|(?:ox|es)lint-(?:disable)[\w-]*(?![\w-]*[^\n]* -- \S)/g,
    what: 'a checker silenced without a reason (" -- why")',
  }),
];

const assertsNothing: Check = ({ path, bare }) =>
  path.endsWith('.test.ts') && !/\b(?:expect|assert)\b|\w+Contract\(/.test(bare)
    ? [`${path}: a test file that expects nothing`]
    : [];

/** Folders of somebody's own machine mean nothing to others. */
const ownMachine: Check = (source) =>
  matches(source, {
    in: 'text',
    pattern: /(?<![\w.])\/(?:work|root|home|Users)\/(?!\$\{)\w+/g,
    what: 'a path of one machine',
  });

/** Every check, by what it finds. */
export const habits = {
  tooLong,
  emptyName,
  defaultExport,
  barrel,
  reachesOut,
  moduleState,
  foreignWords,
  leftOver,
  assertsNothing,
  ownMachine,
} as const;
