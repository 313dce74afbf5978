import { createPublicKey, verify, X509Certificate, constants } from 'node:crypto';
import { generate } from 'selfsigned';
import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';

export const TENANT_ID = '11111111-2222-3333-4444-555555555555';
export const CLIENT_ID = '66666666-7777-8888-9999-000000000000';

/** A certificate with its key in one PEM text, as an administrator would hand it over. */
export async function makeCertificate(): Promise<{ pem: string; certificate: X509Certificate }> {
  const made = await generate([{ name: 'commonName', value: 'entra-contact-sync test' }], { keySize: 2048 });
  return { pem: `${made.cert}\n${made.private}`, certificate: new X509Certificate(made.cert) };
}

export interface TokenEndpoint {
  readonly transport: Transport;
  readonly requests: { readonly url: string; readonly form: URLSearchParams }[];
  /** Answers the next requests, in order, instead of a token; an Error is a lost connection. */
  readonly instead: (Partial<HttpResponse> | Error)[];
}

/** Grants `token-1`, `token-2`, ... to whoever signs with the certificate, and 401 with AADSTS700027 to others. */
export function tokenEndpoint(certificate: X509Certificate, expiresIn = 3600): TokenEndpoint {
  const requests: TokenEndpoint['requests'] = [];
  const instead: TokenEndpoint['instead'] = [];
  return {
    requests,
    instead,
    transport: async (request: HttpRequest) => {
      const form = new URLSearchParams(request.body ?? '');
      // msal puts a correlation id into the query.
      const [url = ''] = request.url.split('?');
      requests.push({ url, form });
      const other = instead.shift();
      if (other instanceof Error) throw other;
      if (other !== undefined) return { ...answer(500, {}), ...other };
      if (!signedBy(certificate, form.get('client_assertion') ?? '', url)) {
        return answer(401, {
          error: 'invalid_client',
          error_description: 'AADSTS700027: not the registered one.',
        });
      }
      return answer(200, {
        token_type: 'Bearer',
        expires_in: expiresIn,
        access_token: `token-${requests.length}`,
      });
    },
  };
}

/** Verifies the signature (PS256), the thumbprint and the claims of a client assertion. */
function signedBy(certificate: X509Certificate, assertion: string, audience: string): boolean {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  if (signature === '') return false;
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const { alg, 'x5t#S256': x5t, x5c } = read(header);
  const { aud, iss, sub, exp, nbf } = read(payload);
  const key = {
    key: createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' })),
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  };
  return (
    alg === 'PS256' &&
    x5t === thumbprint &&
    Array.isArray(x5c) &&
    x5c[0] === certificate.raw.toString('base64') &&
    aud === audience &&
    iss === CLIENT_ID &&
    sub === CLIENT_ID &&
    Number(exp) - Number(nbf) <= 600 &&
    verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  );
}

function answer(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function read(part: string): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(Buffer.from(part, 'base64url').toString());
  return value;
}
