import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from '../house/sources.ts';
import { nameAt, shipped, type Lock } from '../house/supply.ts';

/** CycloneDX 1.5, as far as it is looked at here (https://cyclonedx.org/docs/1.5/json/). */
export interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses?: readonly unknown[];
    readonly hashes?: readonly unknown[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Packages that may be installed with the program, on any platform, as `name@version`. */
export function shippedPackages(): ReadonlySet<string> {
  const text = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Lock };
  return new Set(shipped(packages).map(([place, { version = '' }]) => `${nameAt(place)}@${version}`));
}

/** What npm says of everything in the lock file. Throws when npm fails. */
export function wholeBill(): Bill {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  return JSON.parse(text) as Bill;
}

/**
 * The part of a bill that is about this program and what is shipped with it. Not `npm sbom --omit dev`: npm 11.19 leaves out
 * whatever a development tool needs as well, among them `pg` and `yaml`.
 */
export function shippedBill(whole: Bill, packages: ReadonlySet<string>): Bill {
  const own = `${manifest.name}@${manifest.version}`;
  const isShipped = (ref: string): boolean => ref === own || packages.has(ref);
  const direct = new Set(
    Object.entries(manifest.dependencies).map(([name, version]) => `${name}@${version}`),
  );
  return {
    ...whole,
    // npm takes the name of the folder.
    metadata: { ...whole.metadata, component: { ...whole.metadata.component, name: manifest.name } },
    components: whole.components.filter(({ name, version }) => packages.has(`${name}@${version}`)),
    dependencies: whole.dependencies
      .filter(({ ref }) => isShipped(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: dependsOn.filter((needed) => (ref === own ? direct.has(needed) : isShipped(needed))),
      })),
  };
}
