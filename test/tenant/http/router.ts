import { Refusal, type Answer, type Call } from './call.ts';

/** `anyone`: an app that has a token at all. */
export type Permissions = readonly string[] | 'anyone';

export interface Handling {
  /** Method and path with `{names}` for what varies; requests are counted under it. */
  readonly operation: string;
  /** May refuse by throwing a `Refusal`. */
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

export interface Route extends Handling {
  /** Application permissions, any one of which will do; where it depends on the object, a function of the call. */
  readonly needs: Permissions | ((call: Call) => Permissions);
  /** Code of the 403 for want of them, where it does not follow from the path. */
  readonly denial?: (call: Call) => string | undefined;
}

interface Pattern {
  readonly route: Route;
  /** undefined: any segment. */
  readonly segments: readonly (string | undefined)[];
}

/** Finds the operation of a request. Earlier routes win, so `users/delta` stands before `users/{id}`. */
export class Router {
  readonly #patterns = new Map<string, Pattern[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const [method = '', path = ''] = route.operation.split(' ');
      const segments = path.split('/').map((part) => (part.startsWith('{') ? undefined : part.toLowerCase()));
      const key = `${method} ${segments.length}`;
      const known = this.#patterns.get(key);
      if (known === undefined) this.#patterns.set(key, [{ route, segments }]);
      else known.push({ route, segments });
    }
  }

  /** Throws 400 when there is no such operation. */
  find(method: string, path: readonly string[]): Route {
    for (const { route, segments } of this.#patterns.get(`${method} ${path.length}`) ?? []) {
      if (segments.every((segment, at) => segment === undefined || segment === path[at]?.toLowerCase()))
        return route;
    }
    throw new Refusal(400, 'BadRequest', `Resource not found for the segment '${path.at(-1) ?? ''}'.`);
  }
}

/** OData allows the namespace and parentheses: `microsoft.graph.delta()` is `delta`. */
export function plainSegment(segment: string): string {
  const bare = segment.endsWith('()') ? segment.slice(0, -2) : segment;
  const name = bare.toLowerCase();
  if (name === 'microsoft.graph.delta') return 'delta';
  if (name === 'microsoft.graph.permanentdelete') return 'permanentDelete';
  if (name === 'microsoft.graph.reauthorize') return 'reauthorize';
  return bare;
}
