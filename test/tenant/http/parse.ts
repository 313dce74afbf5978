import { Malformed, Refusal } from './call.ts';
import { plainSegment } from './router.ts';

/** Splits a relative URL into decoded segments and query options. A plus sign in a query is a space. Throws 400. */
export function parsePath(relative: string): { path: string[]; query: Map<string, string> } {
  const mark = relative.indexOf('?');
  const path = mark === -1 ? relative : relative.slice(0, mark);
  const query = new Map<string, string>();
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => plainSegment(decodeURIComponent(segment)));
    for (const pair of mark === -1 ? [] : relative.slice(mark + 1).split('&')) {
      if (pair === '') continue;
      const equals = pair.indexOf('=');
      const name = decode(equals === -1 ? pair : pair.slice(0, equals));
      query.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
    }
    return { path: segments, query };
  } catch {
    throw new Refusal(400, 'BadRequest', 'The URL cannot be decoded.');
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** Parsed JSON of a request, or undefined when there is none. Throws 400. */
export function parseBody(text: string | undefined, contentType: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  // Bytes travel as one character each: the transport knows text only.
  if (/^image\//i.test(contentType ?? '')) return Buffer.from(text, 'latin1');
  if (!/^application\/json\b/i.test(contentType ?? '')) {
    throw new Malformed(400, 'RequestBodyRead', 'A body needs Content-Type application/json.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(400, 'UnableToDeserializePostBody', 'Unable to deserialize the post body.');
  }
}
