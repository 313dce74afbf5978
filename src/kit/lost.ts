import { text } from './json.ts';

/** Errors of Node and undici that come before a single byte of the request has left: name lookup, connect, TLS trust. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Nothing of the request can have left. fetch wraps the reason in `cause`; a connect to several addresses fails with one error for each. */
export function nothingSent(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(nothingSent);
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (code !== undefined && NOTHING_SENT.has(code)) || nothingSent(error.cause);
}

/** The code of the error that is behind the others; never its text. */
export function deepestCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return deepestCode(error.cause) ?? codeOf(error);
}

function codeOf(error: Error): string | undefined {
  const code = text(error, 'code');
  return code !== null && /^[A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
