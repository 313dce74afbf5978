import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../house/sources.ts';

const SHIPPED = path.join(ROOT, 'deploy/systemd');
const units = [
  'contact-sync.service',
  ...['receiver', 'worker', 'keeper'].map((role) => `contact-sync@${role}.service`),
];
/** On systemd's scale from 0 to 10, of which most services of Debian take more than 9. */
const EXPOSURE_AT_MOST = 1.2;

const installed = spawnSync('systemd-analyze', ['--version']).status === 0;

/** A machine's root folder with the units and what they start. */
let root = '';
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'contact-sync-systemd-'));
  cpSync(SHIPPED, path.join(root, 'etc/systemd/system'), { recursive: true });
  for (const unit of ['sysinit', 'basic', 'shutdown', 'multi-user', 'network-online'])
    writeFileSync(path.join(root, `etc/systemd/system/${unit}.target`), '[Unit]\nDescription=A target\n');
  const program = path.join(root, 'opt/contact-sync/node_modules/.bin');
  mkdirSync(program, { recursive: true });
  writeFileSync(path.join(program, 'node'), '#!/bin/sh\n');
  chmodSync(path.join(program, 'node'), 0o755);
});
afterAll(() => rmSync(root, { recursive: true }));

function analyze(...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_LOG_LEVEL: 'warning' },
  });
  return { status, said: `${stdout}${stderr}` };
}

function verify(unit: string): { status: number | null; said: string } {
  return analyze('verify', `--root=${root}`, '--man=no', unit);
}

function exposure(file: string): number {
  const { said } = analyze('security', '--offline=true', '--no-pager', file);
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
}

test('systemd-analyze is here where it is required', () => {
  const required = (process.env['CONTACT_SYNC_REQUIRE'] ?? '').split(',').includes('systemd');
  expect(installed || !required).toBe(true);
});

describe.skipIf(!installed)('systemd-analyze', () => {
  test.each(units)('finds nothing wrong with %s', (unit) => {
    expect(verify(unit)).toEqual({ status: 0, said: '' });
  });

  test('and would: an unknown key, a program that is not there', () => {
    const text = readFileSync(path.join(SHIPPED, 'contact-sync.service'), 'utf8');
    const planted = path.join(root, 'etc/systemd/system/planted.service');
    writeFileSync(planted, text.replace('ProtectHome=', 'ProtectHoem='));
    expect(verify('planted.service').said).toContain('ProtectHoem');
    writeFileSync(planted, text.replace('.bin/node ', '.bin/nodes '));
    expect(verify('planted.service').said).toContain('not executable');
  });

  test.each(['contact-sync.service', 'contact-sync@.service'])(
    '%s is exposed as little as can be',
    (file) => {
      expect(exposure(path.join(SHIPPED, file))).toBeLessThanOrEqual(EXPOSURE_AT_MOST);
    },
  );

  test('and a unit without all that would not be', () => {
    const bare = path.join(root, 'etc/systemd/system/bare.service');
    writeFileSync(bare, '[Service]\nExecStart=/bin/true\n');
    expect(exposure(bare)).toBeGreaterThan(9);
  });
});

function hardening(file: string): string[] {
  const [, rest = ''] = readFileSync(path.join(SHIPPED, file), 'utf8').split('# What it can never need.');
  return rest.split('\n').filter((line) => line.includes('='));
}

test('both units are hardened alike', () => {
  expect(hardening('contact-sync.service').length).toBeGreaterThan(20);
  expect(hardening('contact-sync@.service')).toEqual(hardening('contact-sync.service'));
});
