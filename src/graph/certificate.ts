import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Fault } from '../model/fault.ts';

/** What signs our token requests. The key stays in memory. */
export interface SigningCertificate {
  /** SHA-256 of the certificate, hex without colons: how Entra ID finds the registered one. */
  readonly thumbprintSha256: string;
  /** The certificate, and those that follow it in the file, as PEM. */
  readonly chainPem: string;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/;

/** Reads a PEM text that holds a certificate and its RSA key, in any order. Throws `invalid`, quoting nothing. */
export function readCertificate(pem: string): SigningCertificate {
  const chain = pem.match(CERTIFICATE) ?? [];
  const keyText = PRIVATE_KEY.exec(pem)?.[0];
  if (chain[0] === undefined) throw new Fault('invalid', 'the credential holds no certificate in PEM form');
  if (keyText === undefined)
    throw new Fault('invalid', 'the credential holds no unencrypted private key in PEM form');
  return readable(() =>
    signingCertificate(
      chain.map((text) => new X509Certificate(text)),
      createPrivateKey(keyText),
    ),
  );
}

/** The first certificate of the chain must be the key's. Throws `invalid`. */
export function signingCertificate(chain: readonly X509Certificate[], key: KeyObject): SigningCertificate {
  const [certificate] = chain;
  if (key.asymmetricKeyType !== 'rsa')
    throw new Fault('invalid', 'the private key must be RSA: Entra ID accepts no other');
  if (certificate?.checkPrivateKey(key) !== true)
    throw new Fault('invalid', 'the private key does not belong to the certificate');
  return {
    thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
    chainPem: chain.map((one) => one.toString().trim()).join('\n'),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    expires: certificate.validToDate.getTime(),
  };
}

/** OpenSSL's own words may quote from the file. */
function readable(read: () => SigningCertificate): SigningCertificate {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('invalid', 'the certificate or its key cannot be read');
  }
}
