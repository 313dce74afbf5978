import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from '../house/sources.ts';
import { shippedBill, shippedPackages, type Bill } from './bill.ts';

let bill: Bill;
beforeAll(() => {
  const text = execFileSync('npm', ['run', '-s', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  bill = JSON.parse(text) as Bill;
  // For whoever looks at what CI leaves behind.
  const kept = process.env['CONTACT_SYNC_SBOM'];
  if (kept !== undefined) writeFileSync(kept, text);
});

test('npm run sbom prints one CycloneDX document about this program', () => {
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: manifest.name, version: manifest.version } },
  });
});

test('it names every package that is shipped, with address, licence and hash, and none that is not', () => {
  const packages = shippedPackages();
  expect(packages.size).toBeGreaterThan(150);
  const named = bill.components.map(({ name, version }) => `${name}@${version}`);
  expect(new Set(named)).toEqual(packages);
  const direct = Object.entries(manifest.dependencies).map(([name, version]) => `${name}@${version}`);
  expect(direct.filter((one) => !named.includes(one))).toEqual([]);
  for (const { name, purl, licenses = [], hashes = [] } of bill.components) {
    expect(purl, name).toMatch(/^pkg:npm\//);
    expect([licenses.length > 0, hashes.length > 0], name).toEqual([true, true]);
  }
});

test('it says which package needs which', () => {
  const refs = new Set(bill.dependencies.map(({ ref }) => ref));
  const own = bill.dependencies.find(({ ref }) => ref.startsWith(`${manifest.name}@`));
  const direct = Object.entries(manifest.dependencies).map(([name, version]) => `${name}@${version}`);
  expect(own?.dependsOn.toSorted()).toEqual(direct.toSorted());
  expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
});

test('and a package that npm does not name would be missed', () => {
  const [first, ...others] = bill.components;
  const poorer = shippedBill({ ...bill, components: others }, shippedPackages());
  expect(poorer.components.map((one) => one['bom-ref'])).not.toContain(first?.['bom-ref']);
  expect(poorer.components.length).toBe(shippedPackages().size - 1);
});
