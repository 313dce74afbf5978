import type { ThrottleBook, ThrottleRecord } from '../engine/throttle-book.ts';
import type { Session } from './session.ts';

const scopes: readonly ThrottleRecord['scope'][] = ['mailbox', 'source', 'tenant'];

export function createThrottles({ db, write }: Session): ThrottleBook {
  return {
    keep: async (tenant, events, most) => {
      if (events.length === 0) return;
      await write(async (tx) => {
        const rows = events.map(({ at, scope, pool, status, waitMs }) => ({
          tenant,
          at,
          scope,
          pool,
          status,
          wait_ms: waitMs,
        }));
        await tx.insertInto('throttles').values(rows).execute();
        await tx
          .deleteFrom('throttles')
          .where('tenant', '=', tenant)
          .where('entry', 'not in', (eb) =>
            eb
              .selectFrom('throttles')
              .select('throttles.entry')
              .where('throttles.tenant', '=', tenant)
              .orderBy('throttles.entry', 'desc')
              .limit(most),
          )
          .execute();
      });
    },
    recent: async (tenant) => {
      const rows = await db
        .selectFrom('throttles')
        .select(['at', 'scope', 'pool', 'status', 'wait_ms as waitMs'])
        .where('tenant', '=', tenant)
        .orderBy('entry', 'desc')
        .execute();
      return rows.map((row) => ({ ...row, scope: scopes.find((scope) => scope === row.scope) ?? 'tenant' }));
    },
  };
}
