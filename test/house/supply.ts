/** One package of the lock file (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages). */
export interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** By place, such as `node_modules/a/node_modules/b`. */
export type Lock = Readonly<Record<string, Locked>>;

/** What may be shipped beside a program under the MIT licence without asking anybody: the names of SPDX. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]);

/** Looked at one by one, with the reason; by the beginning of their names. */
const EXCEPTIONS: readonly { readonly packages: string; readonly license: string; readonly why: string }[] = [
  {
    packages: '@img/sharp',
    license: 'LGPL-3.0-or-later',
    why: 'libvips, as a shared library that anybody may put another one in the place of; unmodified',
  },
];

/** The name of the package at a place of the lock file. */
export function nameAt(place: string): string {
  return place.split('node_modules/').at(-1) ?? '';
}

/** What `npm ci --omit=dev` may install, on any platform. */
export function shipped(lock: Lock): [place: string, locked: Locked][] {
  return Object.entries(lock).filter(
    ([place, { dev, devOptional }]) => place !== '' && dev !== true && devOptional !== true,
  );
}

/** Packages whose licence is not among those that were agreed on: `name: licence`. */
export function licenceFaults(packages: readonly (readonly [place: string, locked: Locked])[]): string[] {
  return packages.flatMap(([place, { license = 'none' }]) => {
    const name = nameAt(place);
    return isAgreed(name, license) ? [] : [`${name}: ${license}`];
  });
}

/** All parts of an AND, one of an OR; brackets and WITH are looked at by a person. */
function isAgreed(name: string, license: string): boolean {
  if (license.includes(' AND ')) return license.split(' AND ').every((part) => isAgreed(name, part));
  if (license.includes(' OR ')) return license.split(' OR ').some((part) => isAgreed(name, part));
  return (
    PERMISSIVE.has(license) ||
    EXCEPTIONS.some((one) => name.startsWith(one.packages) && one.license === license)
  );
}

/** Packages that bring a script which npm would run when they are installed. */
export function scripted(lock: Lock): string[] {
  const names = Object.entries(lock).flatMap(([place, { hasInstallScript }]) =>
    hasInstallScript === true ? [nameAt(place)] : [],
  );
  return [...new Set(names)].toSorted();
}

/** The lines of the page about such scripts: package, and whether its script is run. */
export function scriptsTold(page: string): [name: string, isRun: boolean][] {
  const [, section = ''] = page.split('\n## Scripts at installation\n');
  const lines = section.split('\n## ')[0]?.matchAll(/^- `([^`]+)`, (not )?run: \S.{10,}\.$/gm) ?? [];
  return Array.from(lines, ([, name = '', not]) => [name, not === undefined]);
}
