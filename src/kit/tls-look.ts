import { isIP } from 'node:net';
import { connect, rootCertificates, type DetailedPeerCertificate } from 'node:tls';
import { X509Certificate } from 'node:crypto';

/** What the other side of a TLS connection showed. */
export interface TlsLook {
  /** Why its certificate is not believed: a code of Node's, such as `CERT_HAS_EXPIRED`; null when it is. */
  readonly refusal: string | null;
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
  /** Whether an authority that is trusted everywhere stands at the end of the chain, and not one of this machine's own. */
  readonly isPublic: boolean;
}

/** Looks at the certificate of a host without sending anything. Rejects with the socket's error, or when the time is over. */
export type LookAtTls = (host: string, port: number, signal: AbortSignal) => Promise<TlsLook>;

export const lookAtTls: LookAtTls = (host, port, signal) =>
  new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? { servername: host } : {};
    // Whatever it shows is looked at; nothing is sent to it.
    const socket = connect({ host, port, rejectUnauthorized: false, ...servername });
    const stop = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', stop));
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate(true);
      const { authorizationError } = socket;
      resolve({
        refusal: socket.authorized ? null : codeOf(authorizationError),
        protocol: socket.getProtocol() ?? 'unknown',
        ends: Date.parse(shown.valid_to),
        isPublic: isPublic(shown),
      });
      socket.destroy();
    });
  });

/** Node's types say `Error`; a code is what comes. */
function codeOf(refusal: unknown): string {
  if (typeof refusal === 'string') return refusal;
  return refusal instanceof Error && 'code' in refusal ? String(refusal.code) : 'unknown';
}

/** Node adds the authority to the chain where it knows it. */
function isPublic(shown: DetailedPeerCertificate): boolean {
  let last = shown;
  // A self-signed one is its own issuer.
  while (
    last.issuerCertificate !== undefined &&
    last.issuerCertificate.fingerprint256 !== last.fingerprint256
  )
    last = last.issuerCertificate;
  return rootCertificates.some((pem) => new X509Certificate(pem).fingerprint256 === last.fingerprint256);
}
