import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPfx } from '../../src/graph/credentials/pfx.ts';
import { Fault } from '../../src/model/fault.ts';
import { makeAppCertificate, type AppCertificate } from '../tenant/certificates.ts';

/** Not plain ASCII, since the older way spells it in UTF-16. */
const PASSPHRASE = 'Zürich 42';
let folder: string;
let app: AppCertificate;
let other: AppCertificate;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pfx-'));
  [app, other] = await Promise.all([makeAppCertificate(), makeAppCertificate()]);
  writeFileSync(path.join(folder, 'app.pem'), app.pem);
  writeFileSync(path.join(folder, 'chain.pem'), other.cert);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As OpenSSL exports it. */
function exported(...how: readonly string[]): Buffer {
  const file = path.join(folder, 'app.pfx');
  const args = ['pkcs12', '-export', '-in', 'app.pem', '-out', file, '-passout', `pass:${PASSPHRASE}`];
  execFileSync('openssl', [...args, ...how], { cwd: folder, stdio: 'ignore' });
  return readFileSync(file);
}

describe('a PFX file', () => {
  test.each([
    ['AES-256, as OpenSSL 3 and newer Windows do', []],
    ['AES-128', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC']],
    ['triple DES, as Windows does', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES']],
    ['an open certificate beside a protected key', ['-certpbe', 'NONE']],
    ['nothing protected at all', ['-certpbe', 'NONE', '-keypbe', 'NONE']],
    ['other certificates before or behind it', ['-certfile', 'chain.pem']],
  ])('with %s gives out its key and certificate', (_what, how) => {
    const read = readPfx(exported(...how), PASSPHRASE);
    const [own = ''] = read.chainPem.match(/-----BEGIN[^]+?END CERTIFICATE-----/g) ?? [];
    expect(new X509Certificate(own).raw.equals(new X509Certificate(app.cert).raw)).toBe(true);
    expect(createPrivateKey(read.keyPem).equals(createPrivateKey(app.key))).toBe(true);
    expect(read.thumbprintSha256.toLowerCase()).toBe(app.sha256);
  });

  test('does not open with another passphrase, and the message quotes neither', () => {
    expect(() => readPfx(exported(), 'something else')).toThrow(
      'the PFX file cannot be opened with this passphrase',
    );
  });

  test('that is damaged in whatever way is refused as such, and never with another error', () => {
    const whole = exported('-certpbe', 'NONE', '-keypbe', 'NONE');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!cut) damaged[at] = byte;
        try {
          readPfx(damaged, PASSPHRASE);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
