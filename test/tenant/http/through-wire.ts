import type { HttpRequest, HttpResponse } from '../../../src/kit/transport.ts';
import { ConnectionLost } from './gateway.ts';

/** What a network does in between: unknown hosts do not resolve, and an aborted request goes on unseen. */
export function throughWire(
  request: HttpRequest,
  to: { hosts: readonly string[]; answer: (request: HttpRequest) => Promise<HttpResponse> },
): Promise<HttpResponse> {
  const { origin } = new URL(request.url);
  if (!to.hosts.includes(origin)) {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    return Promise.reject(new TypeError('fetch failed', { cause }));
  }
  const { signal } = request;
  if (signal === undefined) return to.answer(request);
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    to.answer(request)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

export function refuseDelivery(): Promise<HttpResponse> {
  return Promise.reject(new ConnectionLost());
}
