import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** What an Express application is to Node: `over` is called where no route answers, and where one fails. */
type Application = (request: IncomingMessage, response: ServerResponse, over: () => void) => void;

/**
 * Express looks at no route where it cannot read the address (`http://[`), not even whose name it was called by, answers with a
 * page of its own that quotes it, and has Node warn on standard error with that address in it. So only paths get to it, and the
 * last word is ours: `nothing` answers the rest.
 */
export function onlyPaths(
  application: Application,
  nothing: (response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    const over = (): void => {
      if (response.headersSent) request.socket.destroy();
      else nothing(response);
    };
    if (request.url?.startsWith('/') === true) application(request, response, over);
    else over();
  };
}
