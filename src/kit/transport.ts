/** One HTTP exchange as plain data. Header names are lower case on the way back. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Carries one request to the other side; rejects when no complete answer came (refused, reset, aborted):
 * whether the request was applied is then unknown. Never follows a redirect: a token must not travel to
 * a host that we did not choose.
 */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

export const fetchTransport: Transport = async (request) => {
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    redirect: 'manual',
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await bodyOf(response),
  };
};

/**
 * What a refusal says may be lost: Exchange sends NUL bytes that claim to be gzip. That it is one, the status says all the same.
 * Of a success without its body nobody can say what was done.
 */
async function bodyOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (response.status < 400) throw error;
    return '';
  }
}
