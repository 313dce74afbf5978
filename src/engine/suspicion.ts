import type { ScopeWatch } from './ledger-books.ts';
import type { Suspicion } from './guard-port.ts';
import type { ActiveRoute, Needs } from './needs.ts';

/**
 * What one reading may take out of the scope of each route before it counts as a source that shrank. The limits are
 * the guard's own: what they let through in a day needs no suspicion.
 */
export async function scopeWatches(
  needs: Pick<Needs, 'ledger' | 'routes'>,
  tenant: string,
): Promise<ScopeWatch[]> {
  const watches: ScopeWatch[] = [];
  for (const route of needs.routes) {
    const { job, groups, barring, sourceTenant, targetTenant } = route;
    // Whoever leaves a group that keeps people out does not leave the scope.
    const including = (all: readonly string[]): string[] => all.filter((group) => !barring.includes(group));
    const [source, target] = [including(groups.source), including(groups.target)];
    if (sourceTenant === tenant && source.length > 0) {
      const { shown } = await needs.ledger.cards.count(route.key);
      watches.push({ job, roots: source, ...allowance(route, shown) });
    }
    if (targetTenant === tenant && target.length > 0) {
      const places = await needs.ledger.places.count(route.key);
      watches.push({ job, roots: target, ...allowance(route, places) });
    }
  }
  return watches;
}

/** So many of `scope` may be lost in one reading. */
function allowance({ guard }: ActiveRoute, scope: number): { allowed: number; scope: number } {
  return { scope, allowed: Math.max(guard.count, Math.floor((scope * guard.percent) / 100)) };
}

/** People who are shown and whom a full round did not list: suspected, job by job, before anybody acts on it. */
export async function suspectMissing(
  needs: Needs,
  tenant: string,
  missing: readonly string[],
): Promise<void> {
  if (missing.length === 0) return;
  const cards = (await needs.ledger.cards.of(tenant, missing)).filter(({ state }) => state === 'shown');
  for (const [key, lost] of Map.groupBy(cards, (card) => card.route)) {
    const route = needs.routes.find((one) => one.key === key);
    if (!route) continue;
    const { allowed, scope } = allowance(route, (await needs.ledger.cards.count(key)).shown);
    if (lost.length <= allowed) continue;
    const at = needs.clock.now();
    const suspicion: Suspicion = { job: route.job, reason: 'people missing', lost: lost.length, scope, at };
    await needs.ledger.guard.suspect(suspicion);
    reportSuspicions(needs, [suspicion]);
  }
}

export function reportSuspicions({ log }: Pick<Needs, 'log'>, suspicions: readonly Suspicion[]): void {
  for (const { job, reason, lost, scope } of suspicions) {
    log.tell('source-shrank', {
      job,
      reason,
      lost,
      scope,
    });
  }
}
