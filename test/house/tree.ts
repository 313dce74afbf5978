import path from 'node:path';

/** What the top of the repository holds, and why. */
const TOP: Readonly<Record<string, string>> = {
  src: 'the program',
  webhooks: 'the receiver',
  test: 'the tests, and the simulated tenant',
  deploy: 'everything for those who run it',
  'README.md': 'where to begin',
  LICENSE: 'what may be done with it',
  'package.json': 'npm',
  'package-lock.json': 'npm',
  '.npmrc': 'npm',
  'tsconfig.json': 'TypeScript',
  'vitest.config.ts': 'vitest',
  'knip.json': 'knip',
  '.oxlintrc.json': 'oxlint',
  '.oxfmtrc.json': 'oxfmt',
  '.gitignore': 'git',
  '.git': 'git',
  '.ci': 'the continuous integration',
};

/** Names at the top that are neither listed nor ignored by git, and listed ones that are missing. */
export function topFaults(names: readonly string[], gitignore: string): string[] {
  const ignored = gitignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const strays = names.filter(
    (name) =>
      !Object.hasOwn(TOP, name) &&
      !ignored.some((pattern) => path.matchesGlob(name, pattern.replace(/\/$/, ''))),
  );
  const missing = Object.keys(TOP).filter((name) => name !== '.git' && !names.includes(name));
  return [
    ...strays.map((name) => `${name}: does not belong at the top`),
    ...missing.map((name) => `${name}: is missing`),
  ];
}

/** Relative links of a Markdown page, without their anchors, as paths in the repository. */
export function linksOf(page: string, text: string): string[] {
  return Array.from(text.matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)[^)]*\)/g), ([, link = '']) =>
    path.posix.join(path.posix.dirname(page), link),
  );
}

/** What a page tells people to type: `npm run <script>` and `npm test`. */
export function scriptsIn(text: string): string[] {
  const typed = /\bnpm (?:run (?:-s |--silent )?([a-z][\w:-]*)|(test)\b)/g;
  return Array.from(text.matchAll(typed), ([, script, test]) => script ?? test ?? '');
}
