import { createHash, type X509Certificate } from 'node:crypto';
import { uuid, type Random } from '../../kit/random.ts';
import type { TokenRequest } from '../credential.ts';

/** Lifetime of an assertion: Entra ID advises 5 to 10 minutes. */
const LIFETIME_S = 600;

/** Signs the SHA-256 digest by RSASSA-PSS; the key stays where it is. */
export type SignDigest = (digest: Uint8Array) => Promise<Uint8Array>;

/**
 * A client assertion for a key that we do not hold. Format: learn.microsoft.com/entra/identity-platform/certificate-credentials.
 */
export async function signedAssertion(
  { tenantId, clientId, origins, clock }: TokenRequest,
  signer: { readonly certificate: X509Certificate; readonly sign: SignDigest },
  random: Random,
): Promise<string> {
  const { raw, fingerprint256 } = signer.certificate;
  const header = {
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    x5c: [raw.toString('base64')],
  };
  const now = Math.floor(clock.now() / 1000);
  const claims = {
    aud: `${origins.login}/${tenantId}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    jti: uuid(random),
    nbf: now,
    exp: now + LIFETIME_S,
  };
  const signed = `${part(header)}.${part(claims)}`;
  const signature = await signer.sign(createHash('sha256').update(signed).digest());
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
