/** The answer to a validation request; null when the request is none. */
export type Handshake = { readonly token: string } | { readonly misuse: string } | null;

const LONGEST_TOKEN_BYTES = 2_048;
const PARAMETER = 'validationToken';

/**
 * Microsoft Graph proves that a URL is ours by `POST <url>?validationToken=<url-encoded token>` and wants exactly the
 * token back. It is decoded once, by percent signs only: a literal `+` stays a `+`, because Graph encodes a space
 * as `%20`, and the form rule that turns `+` into a space would break the comparison on Graph's side.
 * @param url the request's target, path and query, not decoded
 */
export function handshakeOf(url: string): Handshake {
  const start = url.indexOf('?');
  if (start === -1) return null;
  const values = url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair === PARAMETER || pair.startsWith(`${PARAMETER}=`))
    .map((pair) => pair.slice(PARAMETER.length + 1));
  const [encoded] = values;
  if (encoded === undefined) return null;
  if (values.length > 1) return { misuse: 'The parameter validationToken comes more than once.' };
  const token = decodedOnce(encoded);
  if (token === null || token === '')
    return { misuse: 'The parameter validationToken is not a URL-encoded text.' };
  if (Buffer.byteLength(token) > LONGEST_TOKEN_BYTES) return { misuse: 'The validation token is too long.' };
  return { token };
}

function decodedOnce(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
