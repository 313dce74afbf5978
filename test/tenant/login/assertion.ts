import { constants, createHash, verify, type X509Certificate } from 'node:crypto';

/** Clocks may differ by this much [Entra's own tolerance]. */
const SKEW_S = 300;

export interface AssertionRules {
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly certificates: readonly X509Certificate[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** Why a client assertion is not accepted, with Entra's number for it; undefined when it is. */
export function assertionFault(
  assertion: string,
  rules: AssertionRules,
): { code: number; why: string } | undefined {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const header = parsed(head);
  const claims = parsed(body);
  if (header === undefined || claims === undefined)
    return { code: 50027, why: 'JWT token is invalid or malformed.' };
  const certificate = rules.certificates.find((one) => named(header, one));
  if (certificate === undefined) {
    return {
      code: 700027,
      why: 'The certificate with this thumbprint is not registered on the application.',
    };
  }
  const padding = { RS256: constants.RSA_PKCS1_PADDING, PS256: constants.RSA_PKCS1_PSS_PADDING }[
    String(header['alg'])
  ];
  if (padding === undefined) return { code: 700027, why: 'The signing algorithm is not accepted.' };
  const key = { key: certificate.publicKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) {
    return { code: 700027, why: 'Client assertion failed signature validation.' };
  }
  if (claims['iss'] !== rules.clientId || claims['sub'] !== rules.clientId) {
    return { code: 700021, why: 'Client assertion application identifier does not match client_id.' };
  }
  if (!rules.audiences.includes(String(claims['aud']))) {
    return { code: 700023, why: 'Client assertion audience claim does not match.' };
  }
  return timeFault(claims, rules.now);
}

function timeFault(claims: Record<string, unknown>, now: number): { code: number; why: string } | undefined {
  const { exp, nbf } = claims;
  if (typeof exp !== 'number' || exp < now - SKEW_S)
    return { code: 700024, why: 'Client assertion is not within its valid time range.' };
  if (typeof nbf === 'number' && nbf > now + SKEW_S)
    return { code: 700024, why: 'Client assertion is not yet valid.' };
  return undefined;
}

/** By SHA-1 (`x5t`) or SHA-256 (`x5t#S256`) thumbprint. */
function named(header: Record<string, unknown>, certificate: X509Certificate): boolean {
  const thumbprint = (algorithm: string): string =>
    createHash(algorithm).update(certificate.raw).digest('base64url');
  if (header['x5t#S256'] !== undefined) return header['x5t#S256'] === thumbprint('sha256');
  return header['x5t'] === thumbprint('sha1');
}

function parsed(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
