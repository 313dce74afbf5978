import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/kit/config/config.ts';
import { certificatePem, KEY, MINIMAL, problemsOf, READING, read } from './config-fixture.ts';

const text = `${MINIMAL}notifications:
  publicUrl: https://sync.contoso.com
  clientStateKey: env:STATE_KEY
  previousClientStateKey: file:keys/old.key
fingerprintKey: env:PRINT_KEY
`;
let pem: { cert: string; key: string };
let other: { cert: string; key: string };

beforeAll(async () => {
  [pem, other] = await Promise.all([certificatePem(), certificatePem()]);
});

const files = (contents: Record<string, string>) => (name: string) =>
  contents[name] ?? READING.readFile(name);
const reading = (certificate: string) =>
  ({
    secrets: 'read',
    env: { STATE_KEY: ` ${KEY}\n`, PRINT_KEY: 'p'.repeat(40) },
    readFile: files({
      '/etc/contact-sync/contoso.pem': certificate,
      '/etc/contact-sync/keys/old.key': `${'o'.repeat(32)}\n`,
    }),
  }) as const;

const fault = (certificate: string): string => problemsOf(text, reading(certificate)).join('\n');

describe('references', () => {
  test('are followed, relative to the file, and trimmed', () => {
    const config = read(text, reading(`${pem.cert}\n${pem.key}`));
    expect(Buffer.from(config.notifications?.clientStateKey.bytes() ?? []).toString()).toBe(KEY);
    expect(config.notifications?.previousClientStateKey?.text()).toBe('o'.repeat(32));
    expect(config.fingerprintKey?.text()).toBe('p'.repeat(40));
    const credential = config.tenants[0]?.credential;
    expect(credential?.kind === 'certificate' ? credential.pem.text() : '').toContain('PRIVATE KEY');
  });

  test('a secret shows itself neither in JSON nor to a debugger', () => {
    const config = read(text, reading(`${pem.key}\n${pem.cert}`));
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })]) {
      expect(shown).toContain('env:STATE_KEY');
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain('BEGIN');
    }
  });

  test('that lead nowhere, or to too little, are problems of the line they stand in', () => {
    const bare = { secrets: 'read', env: { PRINT_KEY: 'short' } } as const;
    expect(problemsOf(text, bare)).toEqual([
      '5 tenants.contoso.credential.certificate: the file /etc/contact-sync/contoso.pem cannot be read (ENOENT)',
      '15 notifications.clientStateKey: the environment variable STATE_KEY is not set',
      '16 notifications.previousClientStateKey: the file /etc/contact-sync/keys/old.key cannot be read (ENOENT)',
      '17 fingerprintKey: what env:PRINT_KEY holds is too short: expected 32 characters or more',
    ]);
  });

  test('are not followed for commands that need none, and then cannot be used by accident', () => {
    const config = read(text);
    expect(config.fingerprintKey?.reference).toBe('env:PRINT_KEY');
    expect(() => config.fingerprintKey?.bytes()).toThrow('env:PRINT_KEY was not read');
  });
});

describe('a secret in the file itself', () => {
  test.each(['hunter2-hunter2-hunter2-hunter2-', 'env:', 'env:A-B', 'file:', 'ENV:NAME'])(
    '%s is refused, and not quoted',
    (secret) => {
      const problems = problemsOf(text.replace('env:STATE_KEY', `"${secret}"`));
      expect(problems).toEqual([
        '15 notifications.clientStateKey: expected a reference, env:NAME or file:PATH, never the secret itself',
      ]);
    },
  );

  test('a PEM text is refused where its path belongs', () => {
    const problems = problemsOf(text.replace('./contoso.pem', '"-----BEGIN PRIVATE KEY-----abc"'));
    expect(problems).toEqual([
      expect.stringMatching(/^5 tenants\.contoso\.credential\.certificate: expected the path of a PEM/),
    ]);
  });

  test('is not quoted by a YAML error either', () => {
    const broken = text.replace('env:STATE_KEY', '"hunter2\n  more: [');
    expect(problemsOf(broken).join('\n')).not.toMatch(/hunter2/);
  });
});

describe('the certificate', () => {
  test('must come with the key that belongs to it', () => {
    expect(fault(`${pem.cert}${pem.key}`)).toBe('');
    expect(fault(pem.cert)).toContain('file:./contoso.pem holds no private key');
    expect(fault(pem.key)).toContain('holds no certificate');
    expect(fault(`${pem.cert}${other.key}`)).toContain('does not belong to its first certificate');
    expect(fault(pem.cert.replace(/MII/, 'AAA') + pem.key)).toContain('damaged');
    expect(fault(pem.cert + pem.key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'))).toContain(
      'encrypted private key',
    );
  });
});

test('a file on disk is loaded, a missing one is a problem', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-'));
  const file = path.join(folder, 'contact-sync.yaml');
  expect(() => loadConfig(file, {})).toThrow(`${file}:1: the file cannot be read (ENOENT)`);
  writeFileSync(file, MINIMAL);
  writeFileSync(path.join(folder, 'contoso.pem'), `${pem.cert}\n${pem.key}\n`);
  expect(loadConfig(file, {}).data).toBe(path.join(folder, 'data'));
});
