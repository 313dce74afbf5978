import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFault } from '../../src/kit/config/certificate.ts';
import { makeCertificate } from '../../src/kit/self-signed.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { seededRandom } from './seeded-random.ts';

const at = (date: string) => ({ now: () => Date.parse(date), sleep: () => Promise.resolve() });
const made = await makeCertificate(
  { name: 'contact-sync', months: 12 },
  { clock: at('2026-11-20T12:00:00Z'), random: systemRandom },
);

describe('a certificate for an app registration', () => {
  test('has an RSA key of 3,072 bits that belongs to it, and is signed by that key', () => {
    const certificate = new X509Certificate(made.certificate);
    const key = createPrivateKey(made.key);
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072, publicExponent: 65537n });
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificateFault(made.certificate + made.key)).toBeUndefined();
  });

  test('is good for twelve months from now, in the name of the program, and no authority', () => {
    const { subject, issuer, validFromDate, validToDate, ca, serialNumber } = new X509Certificate(
      made.certificate,
    );
    expect([subject, issuer, ca]).toEqual(['CN=contact-sync', 'CN=contact-sync', false]);
    expect(validFromDate.toISOString()).toBe('2026-11-20T11:00:00.000Z');
    expect(validToDate.toISOString()).toBe('2027-11-20T12:00:00.000Z');
    expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test.each(['2027-12-31T23:59:59Z', '2028-02-29T12:00:00Z'])('made at %s it can be read', async (date) => {
    const around = { clock: at(date), random: seededRandom(7) };
    const one = await makeCertificate({ name: 'contact-sync', months: 12 }, around);
    const { validToDate } = new X509Certificate(one.certificate);
    expect(validToDate.getTime()).toBeGreaterThan(Date.parse(date) + 364 * 86_400_000);
    expect(validToDate.getTime()).toBeLessThan(Date.parse(date) + 367 * 86_400_000);
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  test.skipIf(!hasOpenssl)('OpenSSL finds nothing wrong with it, strictly', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-certificate-'));
    const file = path.join(folder, 'made.crt');
    writeFileSync(file, made.certificate);
    const now = String(Date.parse('2026-12-01') / 1_000);
    const strict = ['verify', '-x509_strict', '-check_ss_sig', '-attime', now, '-CAfile', file, file];
    const verified = spawnSync('openssl', strict, { encoding: 'utf8' });
    const shown = spawnSync('openssl', ['x509', '-in', file, '-noout', '-text'], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
    expect(shown.stdout).toMatch(/Version: 3 [^]*sha256WithRSAEncryption[^]*CA:FALSE[^]*Digital Signature/);
  });
});
