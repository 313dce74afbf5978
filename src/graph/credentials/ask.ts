import type { HttpRequest, HttpResponse } from '../../kit/transport.ts';
import { Fault } from '../../model/fault.ts';
import type { TokenRequest } from '../credential.ts';
import { withDeadline } from '../../kit/deadline.ts';
import { lostConnection } from '../lost-connection.ts';
import { readRetryAfter } from '../../kit/retry-after.ts';

const DEADLINE_MS = 30_000;

/** One request on the way to a token. It changes nothing on the other side, whatever its method: it may always be repeated. `who`: is asked, for the error. */
export async function ask(
  { transport, clock }: Pick<TokenRequest, 'transport' | 'clock'>,
  request: HttpRequest,
  who: string,
): Promise<HttpResponse> {
  try {
    return await withDeadline(clock, DEADLINE_MS, (signal) => transport({ ...request, signal }));
  } catch (error) {
    throw lostConnection('GET', error, who);
  }
}

/**
 * What an answer without a token means. Of its text nothing is kept but `code`, which the caller has made sure of: the
 * rest may quote ids and addresses.
 */
export function refusal(
  { status, headers }: HttpResponse,
  { who, code, now }: { who: string; code?: string | undefined; now: number },
): Fault {
  const retryAt = readRetryAfter(headers, now);
  const details = {
    status,
    ...(code === undefined ? {} : { code }),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
  if (status === 429) return new Fault('throttled', `${who} asks to wait`, details);
  if (status >= 500 || status < 400) return new Fault('unavailable', `${who} has no usable answer`, details);
  return new Fault('unauthorized', `${who} refused the credential`, details);
}

/** A code as services spell them, or nothing: anything longer could carry what must not be logged. */
export function codeOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;
}

/** Undefined for what is no JSON. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
