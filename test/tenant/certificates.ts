import { createHash, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface Certificates {
  /** The authority that signs the server's certificate: clients must trust it (PEM). */
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** The app registration's: what a client signs its assertions with. */
  readonly app: AppCertificate;
}

export interface AppCertificate {
  readonly cert: string;
  readonly key: string;
  /** Certificate and key in one, as a client's configuration wants it. */
  readonly pem: string;
  /** In hexadecimal. */
  readonly sha1: string;
  readonly sha256: string;
}

/** An authority, a certificate for loopback addresses, and one for the app. New keys each time. */
export async function makeCertificates(): Promise<Certificates> {
  return { ...(await makeServerCertificate('Simulated tenant authority')), app: await makeAppCertificate() };
}

interface ServerCertificateOptions {
  readonly notBeforeDate?: Date;
  readonly notAfterDate?: Date;
  /** Further hosts that it is good for. */
  readonly hosts?: readonly string[];
}

/**
 * An authority of that name, and a certificate for loopback addresses that it signed. New keys each time. It is good from now
 * on unless a life is given.
 */
export async function makeServerCertificate(
  authorityName: string,
  { hosts = [], ...life }: ServerCertificateOptions = {},
): Promise<Omit<Certificates, 'app'>> {
  const authority = await generate([{ name: 'commonName', value: authorityName }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    ...life,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          ...hosts.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  return { ca: authority.cert, server: { cert: server.cert, key: server.private } };
}

/** A self-signed certificate, as administrators upload them to an app registration. */
export async function makeAppCertificate(): Promise<AppCertificate> {
  const made = await generate([{ name: 'commonName', value: 'contact-sync' }], { algorithm: 'sha256' });
  const { raw } = new X509Certificate(made.cert);
  return {
    cert: made.cert,
    key: made.private,
    pem: `${made.cert.trim()}\n${made.private.trim()}\n`,
    sha1: createHash('sha1').update(raw).digest('hex'),
    sha256: createHash('sha256').update(raw).digest('hex'),
  };
}
