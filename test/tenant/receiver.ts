import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';

/** What a willing receiver answers: the handshake's token as it is, and 202 to everything else. */
export function echo(request: HttpRequest): HttpResponse {
  const token = new URL(request.url).searchParams.get('validationToken');
  if (token === null) return { status: 202, headers: {}, body: '' };
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: token };
}
