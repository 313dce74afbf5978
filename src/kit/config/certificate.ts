import { createPrivateKey, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/** Why a PEM text cannot prove who the app is; undefined when it holds a certificate and the private key of it. */
export function certificateFault(pem: string): string | undefined {
  const blocks = [...pem.matchAll(BLOCK)].map(([text, label]) => ({ text, label: label ?? '' }));
  const certificate = blocks.find(({ label }) => label === 'CERTIFICATE');
  const privateKey = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (certificate === undefined)
    return 'holds no certificate: expected a PEM file with CERTIFICATE and PRIVATE KEY';
  if (privateKey === undefined)
    return 'holds no private key: expected a PEM file with CERTIFICATE and PRIVATE KEY';
  if (privateKey.label.startsWith('ENCRYPTED') || privateKey.text.includes('ENCRYPTED')) {
    return 'holds an encrypted private key: expected one without a password, in a file that only the service can read';
  }
  try {
    const belongs = new X509Certificate(certificate.text).checkPrivateKey(createPrivateKey(privateKey.text));
    return belongs ? undefined : 'holds a private key that does not belong to its first certificate';
  } catch {
    return 'holds a certificate or private key that is damaged';
  }
}
