import type { Clock } from '../../../src/kit/clock.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../../src/kit/transport.ts';

export interface Posted {
  /** undefined: refused, reset, or no answer by the deadline. */
  readonly response: HttpResponse | undefined;
  readonly late: boolean;
  readonly ms: number;
}

/** Sends a request and gives up at the deadline; what the other side does with it later nobody knows. */
export async function postWithin(
  how: { transport: Transport; clock: Clock; deadlineMs: number },
  request: HttpRequest,
): Promise<Posted> {
  const from = how.clock.now();
  const deadline = new AbortController();
  const answered = new AbortController();
  const late = how.clock.sleep(how.deadlineMs, answered.signal).then(
    () => {
      deadline.abort(new Error('deadline'));
      return 'late' as const;
    },
    () => 'late' as const,
  );
  const response = how.transport({ ...request, signal: deadline.signal }).catch(() => undefined);
  const first = await Promise.race([response, late]);
  answered.abort(new Error('answered'));
  const ms = how.clock.now() - from;
  return first === 'late' ? { response: undefined, late: true, ms } : { response: first, late: false, ms };
}
