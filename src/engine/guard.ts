import type { ActiveRoute, Needs } from './needs.ts';

/** Somebody who is to be shown no longer, or a mailbox that is to receive no longer. */
export interface Leaver {
  readonly kind: 'person' | 'mailbox';
  readonly route: ActiveRoute;
  /** Object id of the person or of the mailbox's owner. */
  readonly subject: string;
}

/**
 * Asks the guard for removals, all of one kind, job by job. Those beyond max(count, percent of scope) in 24 hours are
 * held durably until a person approves: `released` false.
 */
export async function admitted<Removal extends Leaver>(
  needs: Pick<Needs, 'ledger' | 'clock' | 'log'>,
  tenant: string,
  removals: readonly Removal[],
): Promise<{ removal: Removal; released: boolean }[]> {
  const answers: { removal: Removal; released: boolean }[] = [];
  for (const [route, leavers] of Map.groupBy(removals, (removal) => removal.route)) {
    const kind = leavers[0]?.kind ?? 'person';
    const { ripe, resting } = await afterGrace(needs, { tenant, kind, route }, leavers);
    answers.push(...resting.map((removal) => ({ removal, released: false })));
    if (ripe.length === 0) continue;
    const scope =
      kind === 'person'
        ? (await needs.ledger.cards.count(route.key)).shown
        : await needs.ledger.places.count(route.key);
    const released = await needs.ledger.guard.admit({
      job: route.job,
      kind,
      tenant,
      subjects: ripe.map((leaver) => leaver.subject),
      limits: route.guard,
      scope,
      now: needs.clock.now(),
    });
    const held = ripe.length - released.size;
    if (held > 0) {
      needs.log.tell('removals-held', {
        job: route.job,
        kind,
        held,
        released: released.size,
        scope,
      });
    }
    for (const removal of ripe) answers.push({ removal, released: released.has(removal.subject) });
  }
  return answers;
}

/** A person who leaves is given the route's grace: whoever comes back within it was never gone. A mailbox is not. */
async function afterGrace<Removal extends Leaver>(
  { ledger, clock }: Pick<Needs, 'ledger' | 'clock'>,
  { tenant, kind, route }: { tenant: string; kind: Leaver['kind']; route: ActiveRoute },
  leavers: readonly Removal[],
): Promise<{ ripe: readonly Removal[]; resting: readonly Removal[] }> {
  if (kind === 'mailbox' || route.graceMs === 0) return { ripe: leavers, resting: [] };
  const over = await ledger.guard.rest({
    job: route.job,
    kind,
    tenant,
    subjects: leavers.map(({ subject }) => subject),
    until: clock.now() + route.graceMs,
  });
  return {
    ripe: leavers.filter(({ subject }) => over.has(subject)),
    resting: leavers.filter(({ subject }) => !over.has(subject)),
  };
}
