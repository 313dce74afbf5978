import type { Log } from '../../kit/log.ts';
import { toldOf } from '../../kit/told.ts';
import type { SigningCertificate } from '../certificate.ts';
import type { Credential } from '../credential.ts';
import { proven } from './proven.ts';

/**
 * A certificate with its key, from a PEM or PFX file. `read` is asked before every token, so that a renewed file counts
 * without a restart; while it cannot be used (it is just being replaced) the one before goes on. Throws `invalid` when
 * there is none to begin with.
 */
export function certificateFile(read: () => SigningCertificate, log: Log): Credential {
  let current = read();
  const latest = (): SigningCertificate => {
    try {
      const found = read();
      if (found.thumbprintSha256 !== current.thumbprintSha256) log.tell('certificate-renewed');
      current = found;
    } catch (error) {
      log.tell('certificate-unreadable', { error: toldOf(error) });
    }
    return current;
  };
  return proven(async () => {
    const { thumbprintSha256, keyPem, chainPem, expires } = latest();
    const clientCertificate = { thumbprintSha256, privateKey: keyPem, x5c: chainPem };
    return { proof: { clientCertificate }, certificateEnds: expires };
  });
}
