import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Packages that the lock file needs and does not hold. npm leaves out platforms other than its own when it finds a folder
 * node_modules (https://github.com/npm/cli/issues/4828), and `npm ci` then refuses the whole file.
 */
function gaps(packages: Readonly<Record<string, Locked>>): string[] {
  return Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !candidates(place, name).some((candidate) => Object.hasOwn(packages, candidate)))
      .map((name) => `${name}, for ${place}`),
  );
}

/** Where Node would look for a package, from the innermost folder outwards. */
function candidates(place: string, name: string): string[] {
  const parents = place.split('/node_modules/');
  return [
    ...parents.map(
      (_, depth) => `${parents.slice(0, parents.length - depth).join('/node_modules/')}/node_modules/${name}`,
    ),
    `node_modules/${name}`,
  ];
}

const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as { packages: Readonly<Record<string, Locked>> };

test('npm ci finds every package in the lock file, on every platform', () => {
  expect(Object.keys(packages).length).toBeGreaterThan(200);
  expect(gaps(packages)).toEqual([]);
});

test('and the check can fail', () => {
  const { 'node_modules/@oxlint/binding-darwin-arm64': _dropped, ...rest } = packages;
  expect(gaps(rest)).toEqual(['@oxlint/binding-darwin-arm64, for node_modules/oxlint']);
  expect(gaps({ a: { dependencies: { b: '1' } }, 'a/node_modules/b': {} })).toEqual([]);
});

test('package.json names exact versions, and the lock file has the same', () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?$/);
    expect(packages[`node_modules/${name}`], name).toMatchObject({ version });
  }
});
