import type { GraphAnswer } from './faults.ts';

/** What an answer says about the pools behind it (learn.microsoft.com/graph/throttling-limits, "Response headers"). */
export interface ThrottleHeaders {
  /** Used share of the pool, told from 0.8 on. */
  readonly share: number | undefined;
  /** Whose pool refused: `Tenant_Application/ReadWrite`; the ids behind it are dropped. */
  readonly scope: string | undefined;
  /** Which limit: `ResourceUnitLimitExceeded`. */
  readonly pool: string | undefined;
}

export function throttleHeaders({ headers }: Pick<GraphAnswer, 'headers'>): ThrottleHeaders {
  const share = Number(headers['x-ms-throttle-limit-percentage']);
  const scope = /^[A-Za-z_]{1,40}(\/[A-Za-z]{1,20})?/.exec(headers['x-ms-throttle-scope'] ?? '')?.[0];
  const pool = /^[\w.-]{1,60}/.exec(headers['x-ms-throttle-information'] ?? '')?.[0];
  // 1.8 is the most that is told.
  return { share: share > 0 && share < 10 ? share : undefined, scope, pool };
}

/** The refusal concerns the tenant, or all tenants of the app, and not only what was asked for. */
export function isTenantWide({ scope }: ThrottleHeaders): boolean {
  return /^(Tenant|Application)/.test(scope ?? '');
}
