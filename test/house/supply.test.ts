import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from './sources.ts';
import { licenceFaults, nameAt, scripted, scriptsTold, shipped, type Lock } from './supply.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const { packages: lock } = JSON.parse(read('package-lock.json')) as { packages: Lock };

describe('licences of what is shipped', () => {
  const packages = shipped(lock);

  test('are all agreed on', () => {
    expect(packages.length).toBeGreaterThan(150);
    for (const name of Object.keys(manifest.dependencies))
      expect(
        packages.some(([place]) => nameAt(place) === name),
        name,
      ).toBe(true);
    expect(licenceFaults(packages)).toEqual([]);
  });

  test('are those that the installed packages name', () => {
    const installed = packages.filter(([place]) => existsSync(path.join(ROOT, place, 'package.json')));
    expect(installed.length).toBeGreaterThan(80);
    for (const [place, { license, version }] of installed) {
      const own = JSON.parse(read(`${place}/package.json`)) as { license?: string; version?: string };
      expect({ license: own.license, version: own.version }, place).toEqual({ license, version });
    }
  });

  test.each([
    ['GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    ['LGPL-3.0-or-later', false],
    ['GPL-2.0-only OR MIT', true],
    [undefined, false],
  ])('and %s would be seen', (license, isAgreed) => {
    const planted = { version: '1.0.0', ...(license === undefined ? {} : { license }) };
    expect(licenceFaults([['node_modules/planted', planted]]).length === 0).toBe(isAgreed);
  });
});

describe('scripts that run at an installation', () => {
  const page = read('deploy/dependencies.md');

  test('are told with their reasons, and no other', () => {
    expect(scripted(lock).length).toBeGreaterThan(3);
    expect(scriptsTold(page).map(([name]) => name)).toEqual(scripted(lock));
  });

  test('are allowed or refused by name in package.json, as the page says', () => {
    expect(Object.fromEntries(scriptsTold(page))).toEqual(manifest.allowScripts);
  });

  test('and the check can fail', () => {
    const planted: Lock = { ...lock, 'node_modules/a/node_modules/planted': { hasInstallScript: true } };
    expect(scripted(planted)).toContain('planted');
    expect(scriptsTold('\n## Scripts at installation\n\n- `a`, run: without a full stop\n')).toEqual([]);
    expect(scriptsTold('\n## Scripts at installation\n\n- `a`, not run: nobody needs it.\n')).toEqual([
      ['a', false],
    ]);
  });
});
