import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Fault } from '../../model/fault.ts';
import { signingCertificate, type SigningCertificate } from '../certificate.ts';
import { idOf, octetsOf, readDer, TAG, type Der } from './der.ts';
import { decipher } from './pbe.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAG = {
  key: '1.2.840.113549.1.12.10.1.1',
  protectedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
} as const;
const X509 = '1.2.840.113549.1.9.22.1';

/**
 * Reads a PFX (PKCS #12, RFC 7292) with one RSA key and its certificate. Node opens such files for TLS only, and does
 * not give the key out. The authentication code over the file is not checked: a key that was tampered with does not
 * belong to its certificate. Throws `invalid`, quoting nothing.
 */
export function readPfx(bytes: Buffer, passphrase: string): SigningCertificate {
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  for (const part of readDer(octetsOf(contentOf(readDer(bytes).at(1)))).inside) {
    for (const bag of bagsOf(part, passphrase).inside) {
      const value = bag.at(1).at(0);
      const kind = idOf(bag.at(0));
      if (kind === BAG.key) keys.push(keyOf(readable(value)));
      if (kind === BAG.protectedKey)
        keys.push(keyOf(decipher(value.at(0), octetsOf(value.at(1)), passphrase)));
      if (kind === BAG.certificate && idOf(value.at(0)) === X509)
        certificates.push(certificateOf(octetsOf(value.at(1).at(0))));
    }
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1)
    throw new Fault('invalid', `the PFX file holds ${keys.length} private keys: one is expected`);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw new Fault('invalid', 'the PFX file holds no certificate of its key');
  // The chain follows the certificate of the key, in whatever order the file has them.
  return signingCertificate([own, ...certificates.filter((one) => one !== own)], key);
}

/** The bags of a part, deciphered where they are enciphered. */
function bagsOf(part: Der, passphrase: string): Der {
  const kind = idOf(part.at(0));
  if (kind === DATA) return readDer(octetsOf(contentOf(part)));
  if (kind !== ENCRYPTED_DATA)
    throw new Fault('invalid', 'the PFX file is protected by a key, not a passphrase');
  const enciphered = contentOf(part).at(1);
  return readDer(decipher(enciphered.at(1), octetsOf(enciphered.at(2)), passphrase));
}

/** What stands behind `[0]` in a ContentInfo. */
function contentOf(info: Der): Der {
  const wrapped = info.at(1);
  if (wrapped.tag !== TAG.explicit0) throw new Fault('invalid', 'the PFX file cannot be read');
  return wrapped.at(0);
}

/** A value in the form it was read from; only its head has to be made again. */
function readable({ tag, content }: Der): Buffer {
  const length = content.length;
  const bytes = Buffer.alloc(6);
  bytes.writeUInt8(tag, 0);
  bytes.writeUInt8(0x84, 1);
  bytes.writeUInt32BE(length, 2);
  return Buffer.concat([bytes, content]);
}

function keyOf(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    throw new Fault('invalid', 'the private key in the PFX file cannot be read');
  }
}

function certificateOf(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new Fault('invalid', 'a certificate in the PFX file cannot be read');
  }
}
