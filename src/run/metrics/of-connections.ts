import type { Registry } from 'prom-client';
import { tenantOf } from '../../model/exchange-place.ts';
import type { Connection } from '../connect.ts';
import { expose } from './expose.ts';

/** More limits than Microsoft has names for, and few enough for series. */
const POOLS_AT_MOST = 50;
/** How limits, scopes and error codes are written; anything else stays out. */
const POOL = /^[\w./-]{1,60}$/;

/** How Microsoft's services answered this process, and what they asked of it. */
export function exposeConnections(
  registry: Registry,
  connections: ReadonlyMap<string, Pick<Connection, 'answers' | 'throttles'>>,
): void {
  expose(registry, 'contact_sync_requests_total', () =>
    [...connections].flatMap(([place, { answers }]) => {
      const tenant = tenantOf(place);
      const service = place === tenant ? 'graph' : 'exchange';
      return answers.all().map(({ count, ...labels }) => [{ tenant, service, ...labels }, count] as const);
    }),
  );
  expose(registry, 'contact_sync_throttles_total', () =>
    [...connections].flatMap(([place, { throttles }]) =>
      throttles.counts().map(
        ({ scope, pool, count }, index) =>
          [
            {
              tenant: tenantOf(place),
              scope,
              pool: index < POOLS_AT_MOST && POOL.test(pool) ? pool : 'other',
            },
            count,
          ] as const,
      ),
    ),
  );
}
