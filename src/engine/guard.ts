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
export async function admitted(
  needs: Pick<Needs, 'ledger' | 'clock' | 'log'>,
  tenant: string,
  removals: readonly Leaver[],
): Promise<{ removal: Leaver; released: boolean }[]> {
  const answers: { removal: Leaver; released: boolean }[] = [];
  for (const [route, leavers] of Map.groupBy(removals, (removal) => removal.route)) {
    const kind = leavers[0]?.kind ?? 'person';
    const scope =
      kind === 'person'
        ? (await needs.ledger.cards.count(route.key)).shown
        : await needs.ledger.places.count(route.key);
    const released = await needs.ledger.guard.admit({
      job: route.job,
      kind,
      tenant,
      subjects: leavers.map((leaver) => leaver.subject),
      limits: route.guard,
      scope,
      now: needs.clock.now(),
    });
    const held = leavers.length - released.size;
    if (held > 0) {
      needs.log.error(
        'removals held by the guard: look at "contact-sync status", then "contact-sync approve"',
        {
          job: route.job,
          kind,
          held,
          released: released.size,
          scope,
        },
      );
    }
    for (const removal of leavers) answers.push({ removal, released: released.has(removal.subject) });
  }
  return answers;
}
