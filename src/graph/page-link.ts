import { Fault } from '../model/fault.ts';

/**
 * A `@odata.nextLink` as the relative URL that a batch takes: without host and version, else verbatim
 * (learn.microsoft.com/graph/json-batching: absolute URLs are not allowed). Since the host is dropped, a link to a
 * foreign one leads nowhere but to Graph. `undefined` when there is no further page.
 */
export function pathOf(link: string | null): string | undefined {
  if (link === null) return undefined;
  const path = /^https:\/\/[^/]+\/v1\.0(\/.*)$/.exec(link)?.[1];
  if (path === undefined)
    throw new Fault('unavailable', 'a link to the next page cannot be read', { code: 'UnreadableAnswer' });
  return path;
}
