import type { IncomingMessage } from 'node:http';
import type { Answer } from './receive.ts';

/**
 * Reads a body of at most `limit` bytes as it was sent; compressed ones are refused before this, so nothing grows
 * here. What is too large is not kept, but read to its end, so that the sender sees the answer; the server's
 * request timeout bounds that. A reader of our own, since express.json costs a third of the throughput.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | Answer | 'aborted'> {
  const tooLarge: Answer = { status: 413, line: `More than ${limit} bytes.` };
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    request.resume();
    return Promise.resolve(tooLarge);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(tooLarge);
      }
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    const gone = (): void => resolve('aborted');
    request.on('error', gone);
    request.on('close', gone);
  });
}

/** Only JSON in UTF-8, as it is: null when acceptable. */
export function refusedType(request: IncomingMessage): Answer | null {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    return unsupported('Compressed bodies are not taken.');
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return unsupported('The body must be application/json.');
  const charset = parameters.map((parameter) => parameter.trim()).find((one) => one.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    return unsupported('The body must be in UTF-8.');
  return null;
}

function unsupported(line: string): Answer {
  return { status: 415, line };
}
